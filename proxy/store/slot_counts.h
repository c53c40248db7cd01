// A trailing window of more than 128 requests: admissions counted in 128 whole slots of per/128 and the one
// that runs. The oldest slot counts whole although the window covers it in part, so never more than
// `requests` are admitted in any trailing `per`, and at least 128/129 of them under steady over-demand. Pure
// but for the memory; whoever holds the record guards it.
//
//   slots_[i % 128]   k-128 | k-127 | … | k-1      running_: slot k = ⌊now · 128 / span⌋
//
// The slots span the longest `per` that the record was asked with, until nobody has asked with it for one
// span: after an edit of the limit, or while two proxies know different editions, nothing is lost.
#pragma once

#include <cstdint>

#include "api/base/clock.h"
#include "proxy/store/admission_ring.h"
#include "proxy/store/block_pool.h"
#include "proxy/store/rate_terms.h"

namespace tollgate::store {

class SlotCounts {
 public:
  SlotCounts() = default;
  // Takes the admissions over from a ring, and frees it. `span_us` is not shorter than any it was kept for.
  SlotCounts(AdmissionRing& ring, int64_t span_us, WallMicros now, BlockPool& pool);

  // Admissions within the trailing `per`. Moves on to now, or back: what lies ahead counts as of now.
  uint64_t Read(const RateTerms& terms, WallMicros now);

  // One more admission now, after a Read() of less than `requests`.
  void Take() {
    ++running_;
    ++total_;
    newest_slot_ = running_slot_;
  }

  // `count` as Read() said, and one more if there was a Take().
  RateState StateAt(const RateTerms& terms, WallMicros now, uint64_t count) const;

  // From when on this is as good as none.
  WallMicros WholeAt() const { return total_ == 0 ? 0 : StartOf(newest_slot_ + 1 + kSlots); }
  void Free(BlockPool& pool);

 private:
  static constexpr int64_t kSlots = 128;

  int64_t SlotOf(WallMicros time) const { return time * kSlots / span_us_; }
  // The first microsecond of a slot.
  WallMicros StartOf(int64_t slot) const { return (slot * span_us_ + kSlots - 1) / kSlots; }
  uint32_t& At(int64_t slot) { return slot == running_slot_ ? running_ : slots_[slot & (kSlots - 1)]; }
  uint32_t At(int64_t slot) const { return slot == running_slot_ ? running_ : slots_[slot & (kSlots - 1)]; }

  // The oldest slot that a trailing `per` touches.
  int64_t OldestOf(const RateTerms& terms, WallMicros now) const;
  uint64_t CountWithin(const RateTerms& terms, WallMicros now) const;
  WallMicros RetryAt(const RateTerms& terms, WallMicros now, uint64_t count) const;
  void Advance(int64_t slot);
  void Retreat(int64_t slot, WallMicros now);
  void Respan(int64_t span_us, WallMicros now);

  uint32_t* slots_ = nullptr;
  int64_t span_us_ = 0;
  int64_t running_slot_ = 0;
  int64_t newest_slot_ = 0;    // of the admissions
  WallMicros spanned_us_ = 0;  // when the whole span was last asked for
  uint64_t total_ = 0;         // slots_ and running_
  uint32_t running_ = 0;
};

}  // namespace tollgate::store
