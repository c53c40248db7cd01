// One coroutine's wait for something that others on its thread bring about, or for a deadline. What it waits
// for is its own to look at: Wake() says only that it may have come. One thread.
#pragma once

#include <coroutine>
#include <utility>

#include "api/base/check.h"
#include "api/base/clock.h"
#include "proxy/io/loop.h"

namespace tollgate::io {

class TimedWait final : Timer {
 public:
  explicit TimedWait(Loop& loop) : loop_(loop) {}

  // Applies to a wait under way and to those that follow.
  void SetDeadline(SteadyTime when) {
    deadline_ = when;
    if (waiter_) Arm();
  }
  SteadyTime deadline() const { return deadline_; }
  bool waiting() const { return static_cast<bool>(waiter_); }

  // Resumes who waits, if anybody does.
  void Wake() {
    Cancel();
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }

  // co_await wait;  comes back when it was woken, or at the deadline.
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    TOLLGATE_CHECK(!waiter_);
    waiter_ = waiter;
    Arm();
  }
  void await_resume() const noexcept {}

 private:
  void Arm() {
    if (deadline_ != SteadyTime::max()) loop_.Arm(*this, deadline_);
  }
  void OnTimer() override { Wake(); }

  Loop& loop_;
  SteadyTime deadline_ = SteadyTime::max();
  std::coroutine_handle<> waiter_;
};

}  // namespace tollgate::io
