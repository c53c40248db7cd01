// The configuration that serves now: swapped whole by one thread, pinned by every request for as long as it
// lasts. What is replaced is freed by the thread that swaps, never on a serving core.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tollgate::snapshot {

template <class T>
class Live {
 public:
  // Any thread. What was served before is freed by a later Swap or Reap, when no request uses it any more.
  void Swap(std::shared_ptr<const T> next) {
    const std::scoped_lock lock(mutex_);
    if (current_) retired_.push_back(std::move(current_));
    current_ = std::move(next);
    generation_.fetch_add(1, std::memory_order_release);
    DropUnused();
  }

  // Call now and then from a thread that does not serve.
  void Reap() {
    const std::scoped_lock lock(mutex_);
    DropUnused();
  }

  std::shared_ptr<const T> Get() const {
    const std::scoped_lock lock(mutex_);
    return current_;
  }

  // A serving thread's own view: looks at the lock only after a swap.
  class Reader {
   public:
    explicit Reader(const Live& live) : live_(live) {}

    // nullptr until the first Swap.
    const std::shared_ptr<const T>& Pin() {
      const uint64_t generation = live_.generation_.load(std::memory_order_acquire);
      if (generation != generation_) {
        pinned_ = live_.Get();
        generation_ = generation;
      }
      return pinned_;
    }

   private:
    const Live& live_;
    uint64_t generation_ = 0;
    std::shared_ptr<const T> pinned_;
  };

 private:
  void DropUnused() {
    std::erase_if(retired_, [](const std::shared_ptr<const T>& old) { return old.use_count() == 1; });
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const T> current_;               // guarded by mutex_
  std::vector<std::shared_ptr<const T>> retired_;  // guarded by mutex_
  std::atomic<uint64_t> generation_{0};
};

}  // namespace tollgate::snapshot
