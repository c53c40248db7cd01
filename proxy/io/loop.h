// The event loop of one core: sockets, timers and work posted by other threads. Everything that a loop
// serves runs on the one thread inside Run(). Post() and Stop() may be called from any thread, nothing else.
#pragma once

#include <coroutine>
#include <functional>
#include <memory>

#include "api/base/clock.h"
#include "proxy/io/timer_wheel.h"

namespace boost::asio {
class io_context;
}

namespace tollgate::io {

// What a loop closes when it stops, so that every coroutine that waits on it runs to its end.
class Closable {
 public:
  virtual void Close() = 0;

 protected:
  Closable() = default;
  virtual ~Closable() = default;

 private:
  friend class Loop;
  Closable* next_ = nullptr;
  Closable* previous_ = nullptr;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Serves until Stop(). The calling thread is the loop's from here on.
  void Run();
  // Closes every socket and ends every wait; Run() returns when all that was under way has ended.
  void Stop();
  bool stopping() const;

  // Runs `work` on the loop's thread, soon.
  void Post(std::function<void()> work);
  // Runs `work` behind the handlers of all that has arrived at this loop's sockets by now. On its thread.
  void PostBehindInput(std::function<void()> work);

  // Fires at most two ticks of the wheel after `when`, where the loop is not busy.
  void Arm(Timer& timer, SteadyTime when);
  // Two of its steps, for waits of milliseconds: the wheel turns that much more often until then.
  void ArmPromptly(Timer& timer, SteadyTime when);

  // By how much turns of this loop began late since then: what it was busy with, or waited for a processor.
  // Known only where timers were armed all the while, and to some milliseconds.
  SteadyTime::duration LatenessSince(SteadyTime since) const;

  // Sleeper pause = loop.Sleep(d); co_await pause;  goes on after `d`.
  class Sleeper;
  Sleeper Sleep(std::chrono::milliseconds duration);

  // For proxy/io alone.
  boost::asio::io_context& context();
  void Register(Closable& closable);
  void Unregister(Closable& closable);

 private:
  struct State;
  void ScheduleTick(SteadyTime from);
  void NoteLateness(SteadyTime due, SteadyTime now);
  void CloseAll();
  const std::unique_ptr<State> state_;
};

class Loop::Sleeper final : Timer {
 public:
  Sleeper(Loop& loop, std::chrono::milliseconds duration) : loop_(loop), duration_(duration) {}
  bool await_ready() const noexcept { return duration_.count() <= 0 || loop_.stopping(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    loop_.Arm(*this, SteadyNow() + duration_);
  }
  void await_resume() const noexcept {}

 private:
  void OnTimer() override { waiter_.resume(); }

  Loop& loop_;
  const std::chrono::milliseconds duration_;
  std::coroutine_handle<> waiter_;
};

inline Loop::Sleeper Loop::Sleep(std::chrono::milliseconds duration) { return {*this, duration}; }

}  // namespace tollgate::io
