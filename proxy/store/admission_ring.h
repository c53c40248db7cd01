// A trailing window of up to 128 requests: the times of the last admissions, in a ring that grows with them.
// A request is admitted when the admission `requests` ago is older than `per`. Exact. Pure but for the
// memory; whoever holds the record guards it.
//
// The ring is as long as the largest `requests` that it was asked with, so that an edit of the limit, or two
// proxies that know different editions of it, lose nothing.
#pragma once

#include <cstdint>

#include "proxy/store/block_pool.h"
#include "proxy/store/limit_store.h"

namespace tollgate::store {

class AdmissionRing {
 public:
  static constexpr uint64_t kMaxRequests = 128;

  // Rewrites times that lie ahead of now (the clock went back) to now, and forgets what has aged out. To be
  // called before the others, with the same arguments; `terms.requests` ≤ kMaxRequests.
  void Prepare(const RateTerms& terms, WallMicros now);

  bool Admits(const RateTerms& terms, WallMicros now) const;
  // One more admission now, after Admits().
  void Take(WallMicros now, BlockPool& pool);
  RateState StateAt(const RateTerms& terms, WallMicros now) const;
  WallMicros WholeAt() const { return count_ == 0 ? 0 : Ago(1) + longest_per_us_ + 1; }
  void Free(BlockPool& pool);

  uint64_t count() const { return count_; }
  int64_t longest_per_us() const { return longest_per_us_; }
  // The time of the n-th last admission; 1 ≤ n ≤ count().
  WallMicros Ago(uint64_t n) const { return times_[(next_ - n) & (capacity_ - 1)]; }

 private:
  static constexpr uint32_t kFirstCapacity = 4;

  void Grow(BlockPool& pool);
  // Admissions within the last `per`, of the last `requests`.
  uint64_t CountWithin(const RateTerms& terms, WallMicros now) const;

  int64_t* times_ = nullptr;
  uint32_t capacity_ = 0;  // a power of two
  uint32_t count_ = 0;
  uint32_t next_ = 0;           // the place of the next admission, modulo capacity_
  uint32_t most_requests_ = 0;  // of all terms since the ring was last empty
  int64_t longest_per_us_ = 0;
};

}  // namespace tollgate::store
