#include "proxy/io/timer_wheel.h"

#include <algorithm>
#include <utility>

namespace tollgate::io {

void Timer::Cancel() {
  if (next_ == nullptr) return;
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = previous_ = nullptr;
  if (count_ != nullptr) --*std::exchange(count_, nullptr);
}

TimerWheel::~TimerWheel() {
  // Timers may outlive the wheel (a connection that is torn down after its loop): take them out.
  for (Slot& slot : slots_) {
    while (slot.next_ != &slot) slot.next_->Cancel();
    slot.next_ = slot.previous_ = nullptr;
  }
}

uint64_t TimerWheel::StepOf(SteadyTime when) const {
  const auto since = std::max(when - start_, SteadyTime::duration::zero());
  // Rounded up; without a sum, which would overflow for SteadyTime::max().
  return static_cast<uint64_t>(since / kStep) + (since % kStep != SteadyTime::duration::zero() ? 1 : 0);
}

void TimerWheel::Arm(Timer& timer, SteadyTime when) {
  timer.Cancel();
  timer.count_ = &count_;
  ++count_;
  timer.due_step_ = std::max(StepOf(when), step_ + 1);
  Slot& slot = slots_[timer.due_step_ % kSlots];
  timer.next_ = &slot;
  timer.previous_ = slot.previous_;
  slot.previous_->next_ = &timer;
  slot.previous_ = &timer;
}

void TimerWheel::Advance(SteadyTime now) {
  const auto target = static_cast<uint64_t>(std::max(now - start_, SteadyTime::duration::zero()) / kStep);
  while (step_ < target && !empty()) {
    ++step_;
    FireSlot(slots_[step_ % kSlots], step_);
  }
  // Nobody waits: an hour of silence costs no more than a moment of it.
  step_ = std::max(step_, target);
}

void TimerWheel::FireAll() {
  for (Slot& slot : slots_) FireSlot(slot, UINT64_MAX);
}

void TimerWheel::FireSlot(Slot& slot, uint64_t step) {
  // What is due moves to a list of its own first: OnTimer may arm, cancel or destroy any timer.
  Slot due;
  due.next_ = due.previous_ = &due;
  for (Timer* timer = slot.next_; timer != &slot;) {
    Timer* const following = timer->next_;
    if (timer->due_step_ <= step) {
      timer->Cancel();
      timer->count_ = &count_;
      ++count_;
      timer->next_ = &due;
      timer->previous_ = due.previous_;
      due.previous_->next_ = timer;
      due.previous_ = timer;
    }
    timer = following;
  }
  while (due.next_ != &due) {
    Timer* const timer = due.next_;
    timer->Cancel();
    timer->OnTimer();
  }
  due.next_ = due.previous_ = nullptr;
}

}  // namespace tollgate::io
