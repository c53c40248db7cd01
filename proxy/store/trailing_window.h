// A limit without burst: in no trailing `per` more than `requests`. Times in a ring up to 128 requests,
// counts in slots above that; a record that has become slots stays so until it has aged out. Pure but for the
// memory; whoever holds the record guards it.
#pragma once

#include <variant>

#include "proxy/store/admission_ring.h"
#include "proxy/store/slot_counts.h"

namespace tollgate::store {

class TrailingWindow {
 public:
  // Admissions within the trailing `per`: one more fits while they are less than `requests`.
  uint64_t Read(const RateTerms& terms, WallMicros now, BlockPool& pool) {
    if (auto* const ring = std::get_if<AdmissionRing>(&form_)) {
      if (terms.requests <= AdmissionRing::kMaxRequests) return ring->Read(terms, now);
    } else if (terms.requests > AdmissionRing::kMaxRequests) {
      return std::get_if<SlotCounts>(&form_)->Read(terms, now);
    }
    return ReadOtherForm(terms, now, pool);
  }

  // One more admission now, after a Read() of less than `requests`.
  void Take(WallMicros now, BlockPool& pool) {
    if (auto* const ring = std::get_if<AdmissionRing>(&form_)) return ring->Take(now, pool);
    std::get_if<SlotCounts>(&form_)->Take();
  }

  // `count` as Read() said, and one more if there was a Take().
  RateState StateAt(const RateTerms& terms, WallMicros now, uint64_t count) const {
    if (const auto* const ring = std::get_if<AdmissionRing>(&form_)) return ring->StateAt(terms, now, count);
    return std::get_if<SlotCounts>(&form_)->StateAt(terms, now, count);
  }

  // From when on this is as good as none.
  WallMicros WholeAt() const {
    if (const auto* const ring = std::get_if<AdmissionRing>(&form_)) return ring->WholeAt();
    return std::get_if<SlotCounts>(&form_)->WholeAt();
  }

  void Free(BlockPool& pool);

 private:
  // Terms that ask for the other form than the record has.
  uint64_t ReadOtherForm(const RateTerms& terms, WallMicros now, BlockPool& pool);

  std::variant<AdmissionRing, SlotCounts> form_;
};

}  // namespace tollgate::store
