#include "proxy/store/slot_counts.h"

#include <algorithm>
#include <array>

namespace tollgate::store {

namespace {
constexpr size_t kSlotBytes = 128 * sizeof(uint32_t);
}  // namespace

SlotCounts::SlotCounts(AdmissionRing& ring, int64_t span_us, WallMicros now, BlockPool& pool)
    : slots_(static_cast<uint32_t*>(pool.Take(kSlotBytes))), span_us_(span_us), spanned_us_(now) {
  std::fill_n(slots_, kSlots, 0);
  running_slot_ = SlotOf(now);
  for (uint64_t n = ring.count(); n > 0; --n) {
    const int64_t slot = SlotOf(std::min(ring.Ago(n), now));
    if (slot < running_slot_ - kSlots) continue;
    ++At(slot);
    ++total_;
    newest_slot_ = slot;
  }
  ring.Free(pool);
}

uint64_t SlotCounts::Read(const RateTerms& terms, WallMicros now) {
  const int64_t slot = SlotOf(now);
  if (slot > running_slot_) Advance(slot);
  if (slot < running_slot_) Retreat(slot, now);
  if (terms.per_us == span_us_) {
    spanned_us_ = now;
    return total_;
  }
  if (terms.per_us > span_us_ || now - spanned_us_ > span_us_ || total_ == 0) Respan(terms.per_us, now);
  return CountWithin(terms, now);
}

void SlotCounts::Advance(int64_t slot) {
  const int64_t steps = std::min(slot - running_slot_, kSlots + 1);
  for (int64_t i = 0; i < steps && total_ > 0; ++i, ++running_slot_) {
    uint32_t& oldest = slots_[running_slot_ & (kSlots - 1)];
    total_ -= oldest;
    oldest = running_;
    running_ = 0;
  }
  running_slot_ = slot;
}

// Slots are told by their number modulo 128, so each that goes on counting stays where it is.
void SlotCounts::Retreat(int64_t slot, WallMicros now) {
  const int64_t steps = std::min(running_slot_ - slot, kSlots);
  for (int64_t i = 0; i < steps; ++i) {
    uint32_t& ahead = slots_[(running_slot_ - 1 - i) & (kSlots - 1)];
    running_ += ahead;
    ahead = 0;
  }
  running_slot_ = slot;
  newest_slot_ = std::min(newest_slot_, slot);
  spanned_us_ = std::min(spanned_us_, now);
}

// Counts each slot as of the latest moment that it may hold: too strict for a slot's length, never too lax.
void SlotCounts::Respan(int64_t span_us, WallMicros now) {
  std::array<uint32_t, kSlots + 1> counts;
  std::array<WallMicros, kSlots + 1> times;
  for (int64_t i = 0; i <= kSlots; ++i) {
    const int64_t slot = running_slot_ - kSlots + i;
    counts[i] = At(slot);
    times[i] = std::min(now, StartOf(slot + 1) - 1);
  }
  const WallMicros newest = std::min(now, StartOf(newest_slot_ + 1) - 1);
  std::fill_n(slots_, kSlots, 0);
  running_ = 0;
  total_ = 0;
  spanned_us_ = now;
  span_us_ = span_us;
  newest_slot_ = SlotOf(newest);
  running_slot_ = SlotOf(now);
  for (int64_t i = 0; i <= kSlots; ++i) {
    if (SlotOf(times[i]) < running_slot_ - kSlots) continue;
    At(SlotOf(times[i])) += counts[i];
    total_ += counts[i];
  }
}

int64_t SlotCounts::OldestOf(const RateTerms& terms, WallMicros now) const {
  return std::max(running_slot_ - kSlots, SlotOf(now - terms.per_us));
}

uint64_t SlotCounts::CountWithin(const RateTerms& terms, WallMicros now) const {
  if (terms.per_us == span_us_) return total_;
  uint64_t count = 0;
  for (int64_t slot = OldestOf(terms, now); slot <= running_slot_; ++slot) count += At(slot);
  return count;
}

// When so many of the oldest have left that one more fits.
WallMicros SlotCounts::RetryAt(const RateTerms& terms, WallMicros now, uint64_t count) const {
  int64_t slot = OldestOf(terms, now);
  for (; slot < running_slot_; ++slot) {
    count -= At(slot);
    if (count < terms.requests) break;
  }
  return StartOf(slot + 1) + terms.per_us;
}

RateState SlotCounts::StateAt(const RateTerms& terms, WallMicros now, uint64_t count) const {
  if (terms.requests == 0) return {0, terms.per_us, terms.per_us};
  if (count == 0) return {terms.requests, 0, 0};
  const int64_t reset = StartOf(newest_slot_ + 1) + terms.per_us - now;
  if (count < terms.requests) return {terms.requests - count, reset, 0};
  return {0, reset, RetryAt(terms, now, count) - now};
}

void SlotCounts::Free(BlockPool& pool) {
  if (slots_ != nullptr) pool.Return(slots_, kSlotBytes);
  *this = SlotCounts();
}

}  // namespace tollgate::store
