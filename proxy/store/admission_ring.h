// A trailing window of up to 128 requests: the times of the last admissions, in a ring that grows with them.
// A request is admitted when the admission `requests` ago is older than `per`. Exact. Pure but for the
// memory; whoever holds the record guards it.
//
// The ring is as long as the largest `requests` that it was asked with, so that an edit of the limit, or two
// proxies that know different editions of it, lose nothing.
#pragma once

#include <cstdint>

#include "api/base/clock.h"
#include "proxy/store/block_pool.h"
#include "proxy/store/rate_terms.h"

namespace tollgate::store {

class AdmissionRing {
 public:
  static constexpr uint64_t kMaxRequests = 128;

  // Admissions within the trailing `per`, of the last `requests` ≤ kMaxRequests. Rewrites times that lie
  // ahead of now (the clock went back) to now, and forgets what has aged out.
  uint64_t Read(const RateTerms& terms, WallMicros now);

  // One more admission now, after a Read() of less than `requests`.
  void Take(WallMicros now, BlockPool& pool);

  // `count` as Read() said, and one more if there was a Take().
  RateState StateAt(const RateTerms& terms, WallMicros now, uint64_t count) const;

  // From when on this is as good as none.
  WallMicros WholeAt() const { return count_ == 0 ? 0 : newest_us_ + longest_per_us_ + 1; }
  void Free(BlockPool& pool);

  uint64_t count() const { return count_; }
  int64_t longest_per_us() const { return longest_per_us_; }
  // The time of the n-th last admission; 1 ≤ n ≤ count().
  WallMicros Ago(uint64_t n) const { return times_[(next_ - n) & (capacity_ - 1)]; }

 private:
  static constexpr uint32_t kFirstCapacity = 4;

  void RewriteAhead(WallMicros now);
  void Clear();
  void Grow(BlockPool& pool);

  int64_t* times_ = nullptr;
  uint32_t capacity_ = 0;  // a power of two
  uint32_t count_ = 0;
  uint32_t next_ = 0;           // the place of the next admission
  uint32_t most_requests_ = 0;  // of all terms since the ring was last empty
  int64_t longest_per_us_ = 0;
  WallMicros newest_us_ = 0;
  uint32_t last_read_ = 0;  // what Read() found last: the next finds little more or less
};

}  // namespace tollgate::store
