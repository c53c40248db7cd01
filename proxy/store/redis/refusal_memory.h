// What the store has refused, for as long as it said, at most a second: who is refused and asks again costs
// no round trip. Asked is the whole question (whose, which limits by which terms, at which cost), so an edit
// of the plan is a new question. One core's; one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "api/base/clock.h"
#include "proxy/store/limit_store.h"

namespace tollgate::store {

class RefusalMemory {
 public:
  // Enough for the callers that one core refuses within a second; then all is forgotten, which is safe.
  static constexpr size_t kMost = 4096;

  // `longest`: how long a refusal is remembered at most; 0 switches it off. `seed` keeps callers from
  // choosing questions that fall together.
  RefusalMemory(std::chrono::milliseconds longest, uint64_t seed) : longest_(longest), seed_(seed) {}

  // Fills `reply` with the refusal, its retry time shortened by what has passed.
  bool Recall(const LimitRequest& request, SteadyTime now, LimitReply& reply) const;
  void Remember(const LimitRequest& request, const LimitReply& reply, SteadyTime now);
  void Clear() { refusals_.clear(); }
  size_t size() const { return refusals_.size(); }

 private:
  struct Refusal {
    LimitReply reply;
    SteadyTime since;
    SteadyTime until;
  };
  Key128 KeyOf(const LimitRequest& request) const;
  struct HashKey {
    size_t operator()(const Key128& key) const { return key.low; }
  };

  const std::chrono::milliseconds longest_;
  const uint64_t seed_;
  std::unordered_map<Key128, Refusal, HashKey> refusals_;
};

}  // namespace tollgate::store
