// A coroutine that has worked for long lets the others of its loop have their turn. One thread: the loop's.
#pragma once

#include <coroutine>

#include "proxy/io/loop.h"

namespace tollgate::io {

// Turn turn(loop); co_await turn;  goes on behind all that has arrived at the loop by now.
class Turn {
 public:
  explicit Turn(Loop& loop) : loop_(loop) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    loop_.PostBehindInput([waiter] { waiter.resume(); });
  }
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
};

}  // namespace tollgate::io
