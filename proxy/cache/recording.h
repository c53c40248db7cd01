// An answer that is being stored while it goes by. Made by ResponseCache::Record(); whoever forwards the body
// appends its pieces and commits after the last. Dropped without Commit(), nothing is stored. One thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/cache/memory_cache.h"
#include "proxy/cache/stored_response.h"
#include "proxy/cache/target_book.h"

namespace tollgate::cache {

// Bounds what all recordings hold together: many large misses at once must not take more memory than the
// cache is meant to. Any thread.
class RecordingBudget {
 public:
  explicit RecordingBudget(size_t limit) : limit_(limit) {}

  // False, and nothing taken, where the limit would be passed.
  bool Take(size_t bytes) {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return true;
    Return(bytes);
    return false;
  }
  void Return(size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const size_t limit_;
  std::atomic<size_t> used_ = 0;
};

struct SharedPlace;

class Recording {
 public:
  struct Plan {
    std::string key;
    uint64_t hash = 0;
    TargetPin target;
    std::shared_ptr<const SharedPlace> place;  // nullptr: memory alone stores it
    std::unique_ptr<StoredResponse> response;  // without its body
    std::optional<size_t> length;              // of the body, where the head says it
    size_t max_body = 0;
  };

  Recording(Plan plan, MemoryCache& memory, RecordingBudget& budget);
  Recording(Recording&& other) noexcept;
  Recording& operator=(Recording&&) = delete;
  ~Recording();

  // The next piece of the body. False: it is too large, or too much is being recorded at once; the recording
  // has given up, and further calls do nothing.
  bool Append(std::string_view piece);

  // The body has come whole. False where memory has not stored the answer: given up, not of the announced
  // length, or its target was changed by an unsafe method since the request was looked up.
  bool Commit();

  bool active() const { return plan_.response != nullptr; }

 private:
  bool Grow(size_t bytes);
  void GiveUp();

  Plan plan_;
  MemoryCache& memory_;
  RecordingBudget& budget_;
  size_t taken_ = 0;  // of the budget: the body's capacity
};

}  // namespace tollgate::cache
