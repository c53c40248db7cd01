#include "proxy/io/loop.h"

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace tollgate::io {

namespace asio = boost::asio;

struct Loop::State {
  // One thread runs it: Asio can do without its locks, but Post() comes from other threads, so it may not
  // (BOOST_ASIO_CONCURRENCY_HINT_UNSAFE would be wrong here; 1 only drops the wake-up of further threads).
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      tick{context};
  TimerWheel wheel{SteadyNow()};
  bool ticking = false;
  SteadyTime prompt_until{};  // until then it turns by steps
  // The last ticks that came late; more than that within one wait is no matter of milliseconds.
  struct Late {
    SteadyTime at{};
    SteadyTime::duration by{};
  };
  std::array<Late, 16> late{};
  size_t next_late = 0;
  bool stopping = false;
  Closable* first = nullptr;
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::Run() { state_->context.run(); }
void Loop::Stop() {
  Post([this] { CloseAll(); });
}
bool Loop::stopping() const { return state_->stopping; }
void Loop::Post(std::function<void()> work) { asio::post(state_->context, std::move(work)); }
// The context looks at its sockets once in a round of its queue: the first post waits for that look, the
// second stands behind what it found.
void Loop::PostBehindInput(std::function<void()> work) {
  Post([this, work = std::move(work)]() mutable { Post(std::move(work)); });
}
asio::io_context& Loop::context() { return state_->context; }

void Loop::Register(Closable& closable) {
  closable.next_ = state_->first;
  if (state_->first != nullptr) state_->first->previous_ = &closable;
  state_->first = &closable;
}

void Loop::Unregister(Closable& closable) {
  (closable.previous_ != nullptr ? closable.previous_->next_ : state_->first) = closable.next_;
  if (closable.next_ != nullptr) closable.next_->previous_ = closable.previous_;
  closable.next_ = closable.previous_ = nullptr;
}

void Loop::CloseAll() {
  state_->stopping = true;
  // Closing only posts completions: nothing leaves the list while it is walked.
  for (Closable* at = state_->first; at != nullptr; at = at->next_) at->Close();
  state_->wheel.FireAll();
  state_->tick.cancel();
  state_->work.reset();
}

void Loop::Arm(Timer& timer, SteadyTime when) {
  // The wheel does not turn while nobody looks: bring it up to date before a place in it is computed.
  if (!state_->ticking) {
    const SteadyTime now = SteadyNow();
    state_->wheel.Advance(now);
    state_->ticking = true;
    ScheduleTick(now);
  }
  state_->wheel.Arm(timer, when);
}

void Loop::ArmPromptly(Timer& timer, SteadyTime when) {
  // Where it is due, that is in the last step.
  state_->prompt_until = std::max(state_->prompt_until, when + TimerWheel::kStep);
  Arm(timer, when);
  const SteadyTime now = SteadyNow();
  if (state_->tick.expiry() > now + TimerWheel::kStep) ScheduleTick(now);
}

// What has begun, or ends, at `now` holds up others since `due`.
void Loop::NoteLateness(SteadyTime due, SteadyTime now) {
  const SteadyTime::duration by = now - due;
  if (by < std::chrono::milliseconds(1)) return;
  state_->late[state_->next_late++ % state_->late.size()] = {now, by};
}

SteadyTime::duration Loop::LatenessSince(SteadyTime since) const {
  SteadyTime::duration sum{};
  for (const State::Late& late : state_->late) {
    if (late.at >= since) sum += std::min(late.by, late.at - since);
  }
  if (!state_->ticking) return sum;
  const SteadyTime now = SteadyNow();
  const SteadyTime::duration overdue = std::min(now - state_->tick.expiry(), now - since);
  return overdue.count() > 0 ? sum + overdue : sum;
}

// Instead of the turn that was scheduled before, if any.
void Loop::ScheduleTick(SteadyTime from) {
  state_->tick.expires_at(from + (from < state_->prompt_until ? TimerWheel::kStep : TimerWheel::kTick));
  state_->tick.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const SteadyTime now = SteadyNow();
    NoteLateness(state_->tick.expiry(), now);
    state_->wheel.Advance(now);
    const SteadyTime end = SteadyNow();
    NoteLateness(now, end);
    if (state_->wheel.empty() || state_->stopping) {
      state_->ticking = false;
      return;
    }
    ScheduleTick(end);
  });
}

}  // namespace tollgate::io
