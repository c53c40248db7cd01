// The requests of one core that wait for the store. Each stands in the line of all of them, by age, until it
// is answered, and in the queue that owns it (unsent, an account's, a batch's), where its place stays until
// then. Both lists run through the requests themselves. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "api/base/check.h"
#include "api/base/clock.h"
#include "proxy/io/task.h"
#include "proxy/store/limit_store.h"
#include "proxy/store/redis/limit_batch.h"

namespace tollgate::store {

// Memory from the thread's free lists, as coroutines have it.
struct Pooled {
  static void* operator new(size_t size) { return io::AllocateFrame(size); }
  static void operator delete(void* memory, size_t size) { io::FreeFrame(memory, size); }
};

struct WaitingRequest : Pooled {
  WaitingRequest(LimitStore::DecideAwaiter& waits, SteadyTime now)
      : decide(&waits), since(now), window(waits.request.quota.window), shape(ItemShape::Of(waits.request)) {}
  ~WaitingRequest() { TOLLGATE_CHECK(answered()); }

  LimitStore::DecideAwaiter* decide;  // nullptr: answered
  SteadyTime since;
  WindowBounds window;  // of its credits
  ItemShape shape;
  bool again = false;  // its first batch was void

  bool answered() const { return decide == nullptr; }

 private:
  friend class WaitingQueue;
  friend class WaitingLine;
  WaitingRequest* next_ = nullptr;  // in the queue
  WaitingRequest* older_ = nullptr;
  WaitingRequest* newer_ = nullptr;
};

// First in, first out.
class WaitingQueue {
 public:
  WaitingQueue() = default;
  WaitingQueue(WaitingQueue&& other) noexcept
      : first_(std::exchange(other.first_, nullptr)), last_(std::exchange(other.last_, nullptr)) {}
  WaitingQueue& operator=(WaitingQueue&&) = delete;
  ~WaitingQueue() { Clear(); }

  bool empty() const { return first_ == nullptr; }
  // While it is not empty.
  const WaitingRequest& front() const { return *first_; }
  void Push(std::unique_ptr<WaitingRequest> waiting) {
    WaitingRequest* const added = waiting.release();
    added->next_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_) = added;
    last_ = added;
  }
  // nullptr: it is empty.
  std::unique_ptr<WaitingRequest> Pop() {
    std::unique_ptr<WaitingRequest> popped(first_);
    if (first_ != nullptr) first_ = first_->next_;
    if (first_ == nullptr) last_ = nullptr;
    return popped;
  }
  // Drops those in front that are answered.
  void SkipAnswered() {
    while (first_ != nullptr && first_->answered()) Pop();
  }
  void Clear() {
    while (first_ != nullptr) Pop();
  }

 private:
  WaitingRequest* first_ = nullptr;
  WaitingRequest* last_ = nullptr;
};

// Those that nobody has answered yet. Owns none.
class WaitingLine {
 public:
  WaitingRequest* oldest() const { return oldest_; }
  void Add(WaitingRequest& waiting) {
    waiting.older_ = newest_;
    (newest_ == nullptr ? oldest_ : newest_->newer_) = &waiting;
    newest_ = &waiting;
  }
  void Remove(WaitingRequest& waiting) {
    (waiting.older_ == nullptr ? oldest_ : waiting.older_->newer_) = waiting.newer_;
    (waiting.newer_ == nullptr ? newest_ : waiting.newer_->older_) = waiting.older_;
    waiting.older_ = waiting.newer_ = nullptr;
  }

 private:
  WaitingRequest* oldest_ = nullptr;
  WaitingRequest* newest_ = nullptr;
};

}  // namespace tollgate::store
