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
  // To be called before the others, with the same arguments.
  void Prepare(const RateTerms& terms, WallMicros now, BlockPool& pool);

  bool Admits(const RateTerms& terms, WallMicros now) const;
  // One more admission now, after Admits().
  void Take(WallMicros now, BlockPool& pool);
  RateState StateAt(const RateTerms& terms, WallMicros now) const;
  // From when on this is as good as none.
  WallMicros WholeAt() const;
  void Free(BlockPool& pool);

 private:
  std::variant<AdmissionRing, SlotCounts> form_;
};

}  // namespace tollgate::store
