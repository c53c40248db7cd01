// What one core has charged to one consumer in one window of credits, as it knows it: the writer of
// script/credits.lua. So that no lost reply charges twice and no lost write charges nothing: each batch says
// what the writer has served in total, and the store makes good what it has otherwise. No I/O; time is passed
// in. One thread.
//
// A writer's epoch ends 30 s after its last acknowledged batch; the store forgets it after 60 s. The next
// epoch enters only what was admitted and never acknowledged.
#pragma once

#include <chrono>
#include <cstdint>

#include "api/base/clock.h"
#include "proxy/store/redis/limit_batch.h"

namespace tollgate::store {

class CreditWriter {
 public:
  static constexpr std::chrono::seconds kEpoch{30};

  explicit CreditWriter(SteadyTime now) : acknowledged_at_(now) {}

  // What the next batch says; `fresh_name` is unique among all writers of all proxies, used where an epoch
  // begins. At most one batch may be under way.
  ChargeTerms NextBatch(SteadyTime now, uint64_t fresh_name);

  // The batch of `terms` was decided: it admitted requests of the cost `admitted`, of which those of the cost
  // `served` were still waiting for it.
  void Acknowledge(const ChargeTerms& terms, uint64_t generation, uint64_t admitted, uint64_t served,
                   SteadyTime now);
  // The batch under way gets no answer: it may have been decided or not.
  void Lose() { lost_ = true; }

  // Admitted without the store: by the plan's whenStoreIsDown.
  void AddUnasked(uint64_t cost) { base_ += cost; }

  // The store has, or may have, another total than the one that was served.
  bool owes() const { return lost_ || base_ != stored_; }
  // Nothing would be lost with it: what an answer that was lost has charged belongs to an epoch that is over.
  bool idle(SteadyTime now) const { return base_ == settled_ && now - acknowledged_at_ > kEpoch; }

 private:
  uint64_t name_ = 0;  // 0: no epoch has begun
  uint64_t seq_ = 0;
  uint64_t base_ = 0;        // what was served in this epoch
  uint64_t stored_ = 0;      // what the store holds as our total, by its last answer
  uint64_t settled_ = 0;     // of base_, what stands in the store whatever has become of batches since
  uint64_t generation_ = 0;  // 0: no answer has told it
  bool lost_ = false;        // a batch of this epoch, since the last answer
  SteadyTime acknowledged_at_;
};

}  // namespace tollgate::store
