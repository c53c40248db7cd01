// A token bucket as one moment: GCRA's theoretical arrival time (TAT), the time at which the bucket is whole
// again. Pure state and arithmetic; whoever holds the record guards it.
//
// With T = per/requests, a request is admitted when max(TAT, now) + T − now ≤ burst·T; then TAT becomes
// max(TAT, now) + T. So in any window w at most ⌊w/T⌋ + burst are admitted.
#pragma once

#include <cstdint>

#include "proxy/store/limit_store.h"

namespace tollgate::store {

class TokenBucket {
 public:
  // Clamps TAT to now + burst·T: after an edit of the limit, or a clock that went back, nobody waits longer
  // than the limit as it stands explains. To be called before the others, with the same arguments.
  void Prepare(const RateTerms& terms, WallMicros now);

  bool Admits(const RateTerms& terms, WallMicros now) const;
  void Take(const RateTerms& terms, WallMicros now);
  RateState StateAt(const RateTerms& terms, WallMicros now) const;

  // From when on this is as good as none.
  WallMicros WholeAt() const { return tat_us_ + (tat_fraction_ > 0 ? 1 : 0); }

 private:
  // T is seldom whole microseconds (3 requests in 1 s), so times carry 32 bits of fraction. T is rounded up
  // to them, which keeps the promise and costs less than one admission in 10⁶.
  int64_t tat_us_ = 0;
  uint32_t tat_fraction_ = 0;
};

}  // namespace tollgate::store
