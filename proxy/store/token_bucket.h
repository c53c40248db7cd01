// A token bucket as one moment: GCRA's theoretical arrival time (TAT), the time at which the bucket is whole
// again. Pure state and arithmetic; whoever holds the record guards it.
//
// With T = per/requests, a request is admitted when max(TAT, now) + T − now ≤ burst·T; then TAT becomes
// max(TAT, now) + T. So in any window w at most ⌊w/T⌋ + burst are admitted.
#pragma once

#include <algorithm>

#include "api/base/clock.h"
#include "proxy/store/rate_terms.h"

namespace tollgate::store {

class TokenBucket {
 public:
  // What is missing from a whole bucket now. Clamps TAT to now + burst·T: after an edit of the limit, or a
  // clock that went back, nobody waits longer than the limit as it stands explains.
  Ticks Read(const RateTerms& terms, WallMicros now) {
    const Ticks moment = TicksOf(now);
    if (tat_ <= moment) return 0;
    tat_ = std::min(tat_, moment + terms.depth);
    return tat_ - moment;
  }

  static bool Admits(const RateTerms& terms, Ticks missing) {
    return missing + terms.interval <= terms.depth && terms.requests > 0;
  }

  // Takes one request out, after Read() and Admits(); returns what is missing then.
  Ticks Take(const RateTerms& terms, WallMicros now, Ticks missing) {
    missing += terms.interval;
    tat_ = TicksOf(now) + missing;
    return missing;
  }

  static RateState StateOf(const RateTerms& terms, Ticks missing) {
    if (terms.requests == 0) return {0, terms.per_us, terms.per_us};
    const Ticks left = terms.depth - missing;
    const int64_t reset = MicrosRoundedUp(missing);
    if (left < terms.interval) return {0, reset, MicrosRoundedUp(terms.interval - left)};
    return {left / terms.interval, reset, 0};
  }

  // From when on this is as good as none.
  WallMicros WholeAt() const { return MicrosRoundedUp(tat_); }

 private:
  Ticks tat_ = 0;
};

}  // namespace tollgate::store
