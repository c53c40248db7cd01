#include "proxy/store/trailing_window.h"

#include <algorithm>

namespace tollgate::store {

void TrailingWindow::Prepare(const RateTerms& terms, WallMicros now, BlockPool& pool) {
  if (auto* const ring = std::get_if<AdmissionRing>(&form_)) {
    if (terms.requests <= AdmissionRing::kMaxRequests) return ring->Prepare(terms, now);
    const int64_t span = std::max(ring->longest_per_us(), terms.per_us);
    form_ = SlotCounts(*ring, span, now, pool);
  } else if (WholeAt() <= now && terms.requests <= AdmissionRing::kMaxRequests) {
    Free(pool);
    return std::get_if<AdmissionRing>(&form_)->Prepare(terms, now);
  }
  std::get_if<SlotCounts>(&form_)->Prepare(terms, now);
}

bool TrailingWindow::Admits(const RateTerms& terms, WallMicros now) const {
  if (const auto* const ring = std::get_if<AdmissionRing>(&form_)) return ring->Admits(terms, now);
  return std::get_if<SlotCounts>(&form_)->Admits(terms, now);
}

void TrailingWindow::Take(WallMicros now, BlockPool& pool) {
  if (auto* const ring = std::get_if<AdmissionRing>(&form_)) return ring->Take(now, pool);
  std::get_if<SlotCounts>(&form_)->Take(now);
}

RateState TrailingWindow::StateAt(const RateTerms& terms, WallMicros now) const {
  if (const auto* const ring = std::get_if<AdmissionRing>(&form_)) return ring->StateAt(terms, now);
  return std::get_if<SlotCounts>(&form_)->StateAt(terms, now);
}

WallMicros TrailingWindow::WholeAt() const {
  if (const auto* const ring = std::get_if<AdmissionRing>(&form_)) return ring->WholeAt();
  return std::get_if<SlotCounts>(&form_)->WholeAt();
}

void TrailingWindow::Free(BlockPool& pool) {
  if (auto* const ring = std::get_if<AdmissionRing>(&form_)) ring->Free(pool);
  if (auto* const slots = std::get_if<SlotCounts>(&form_)) slots->Free(pool);
  form_ = AdmissionRing();
}

}  // namespace tollgate::store
