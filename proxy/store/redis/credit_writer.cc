#include "proxy/store/redis/credit_writer.h"

#include <algorithm>

namespace tollgate::store {

ChargeTerms CreditWriter::NextBatch(SteadyTime now, uint64_t fresh_name) {
  if (name_ == 0 || now - acknowledged_at_ > kEpoch) {
    name_ = fresh_name;
    seq_ = 0;
    base_ -= settled_;
    stored_ = 0;
    settled_ = 0;
    lost_ = false;
    acknowledged_at_ = now;
  }
  return {name_, ++seq_, base_, generation_};
}

void CreditWriter::Acknowledge(const ChargeTerms& terms, uint64_t generation, uint64_t admitted,
                               uint64_t served, SteadyTime now) {
  acknowledged_at_ = now;
  lost_ = false;
  base_ += served;
  stored_ = terms.base + admitted;
  if (terms.generation != 0 && generation != terms.generation) {
    // A reset: what was served before is forgiven here, and what was charged before in the store.
    base_ -= terms.base;
    stored_ = admitted;
  }
  generation_ = generation;
  settled_ = std::min(base_, stored_);
}

}  // namespace tollgate::store
