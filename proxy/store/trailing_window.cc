#include "proxy/store/trailing_window.h"

#include <algorithm>

namespace tollgate::store {

uint64_t TrailingWindow::ReadOtherForm(const RateTerms& terms, WallMicros now, BlockPool& pool) {
  if (auto* const ring = std::get_if<AdmissionRing>(&form_)) {
    const int64_t span = std::max(ring->longest_per_us(), terms.per_us);
    form_ = SlotCounts(*ring, span, now, pool);
  } else if (WholeAt() <= now) {
    Free(pool);
    return std::get_if<AdmissionRing>(&form_)->Read(terms, now);
  }
  return std::get_if<SlotCounts>(&form_)->Read(terms, now);
}

void TrailingWindow::Free(BlockPool& pool) {
  if (auto* const ring = std::get_if<AdmissionRing>(&form_)) ring->Free(pool);
  if (auto* const slots = std::get_if<SlotCounts>(&form_)) slots->Free(pool);
  form_ = AdmissionRing();
}

}  // namespace tollgate::store
