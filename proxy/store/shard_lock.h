// A lock for critical sections of some hundred instructions, that is taken a million times a second and
// hardly ever fought over: two atomic operations where nobody waits (a pthread mutex costs a fifth of a
// decision), a futex where somebody does. For std::lock_guard; any thread.
#pragma once

#include <atomic>

namespace tollgate::store {

class ShardLock {
 public:
  void lock() {
    int expected = kFree;
    if (!state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire)) Wait();
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kAwaited) state_.notify_one();
  }

 private:
  static constexpr int kFree = 0;
  static constexpr int kHeld = 1;
  static constexpr int kAwaited = 2;  // held, and perhaps somebody sleeps

  void Wait() {
    while (state_.exchange(kAwaited, std::memory_order_acquire) != kFree) {
      state_.wait(kAwaited, std::memory_order_relaxed);
    }
  }

  std::atomic<int> state_ = kFree;
};

}  // namespace tollgate::store
