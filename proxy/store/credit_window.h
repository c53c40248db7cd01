// Credits of one consumer in one calendar window, and which windows there are. Pure; whoever holds the record
// guards it.
#pragma once

#include <cstdint>

#include "proxy/store/limit_store.h"

namespace tollgate::store {

// The window of a kind that contains a moment, and the next one, in UTC. Weeks begin on Monday (ISO 8601).
WindowBounds WindowAt(api::Quota::Calendar calendar, WallMicros time);

class CreditWindow {
 public:
  // Opens the window that `now` is in, by the bounds that the request brings. To be called before the others.
  void Prepare(const QuotaItem& quota, WallMicros now);

  // A request without cost passes even where nothing is left.
  bool Admits(const QuotaItem& quota) const;
  void Charge(const QuotaItem& quota);
  QuotaState StateFor(const QuotaItem& quota) const;
  // From when on this is as good as none.
  WallMicros WholeAt() const { return used_ == 0 && overage_ == 0 ? 0 : end_; }

 private:
  uint64_t Remaining(const QuotaItem& quota) const {
    return quota.credits > used_ ? quota.credits - used_ : 0;
  }

  WallMicros start_ = 0;
  WallMicros end_ = 0;  // 0: no window yet
  uint64_t used_ = 0;
  uint64_t overage_ = 0;
};

}  // namespace tollgate::store
