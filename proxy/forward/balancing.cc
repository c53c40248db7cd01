#include "proxy/forward/balancing.h"

#include <algorithm>

namespace tollgate::forward {
namespace {

// Those that may be chosen.
struct Candidates {
  const Endpoints& all;
  const Selection& selection;
  const Heed heed;
  const std::vector<Endpoint*>& tried;

  bool Has(const Endpoint& endpoint) const {
    if (heed == Heed::kAvailable && !endpoint.health.Available(selection.now)) return false;
    return std::find(tried.begin(), tried.end(), &endpoint) == tried.end();
  }
  // The first one from a place on.
  Endpoint* From(uint64_t place) const {
    for (size_t i = 0; i < all.size(); ++i) {
      Endpoint& endpoint = *all[(place + i) % all.size()];
      if (Has(endpoint)) return &endpoint;
    }
    return nullptr;
  }
};

uint32_t ActiveAt(const Endpoint& endpoint) {
  return endpoint.active_requests.load(std::memory_order_relaxed);
}

// Whether an endpoint gets this request as far as its slow start goes. The eight bits are others than those
// that chose it.
bool IsInItsShare(const Endpoint& endpoint, const Selection& selection) {
  const auto lot = static_cast<uint32_t>(selection.random * 0x9E3779B97F4A7C15ULL >> 56);
  return endpoint.health.Share(selection.now) > lot;
}

// The less busy one; but a newcomer hands what is beyond its share on to one that has its whole share.
Endpoint* LessBusy(Endpoint& a, Endpoint& b, const Selection& selection) {
  const bool second = ActiveAt(b) < ActiveAt(a);
  Endpoint& chosen = second ? b : a;
  Endpoint& other = second ? a : b;
  if (IsInItsShare(chosen, selection)) return &chosen;
  return other.health.Share(selection.now) == EndpointHealth::kWholeShare ? &other : &chosen;
}

Endpoint* LessBusyOfTwo(const Candidates& candidates) {
  const Selection& selection = candidates.selection;
  const size_t n = candidates.all.size();
  const size_t first = (selection.random & 0xFFFFFFFF) % n;
  const size_t second = (selection.random >> 32) % n;
  Endpoint& a = *candidates.all[first];
  // A newcomer needs another one to hand on to.
  const bool alone = first == second && a.health.Share(selection.now) < EndpointHealth::kWholeShare;
  Endpoint& b = *candidates.all[alone ? (second + 1) % n : second];
  if (candidates.Has(a)) return candidates.Has(b) ? LessBusy(a, b, selection) : &a;
  return candidates.Has(b) ? &b : candidates.From(selection.random >> 16);
}

Endpoint* NextInTurn(const Candidates& candidates) {
  Endpoint* const next = candidates.From(candidates.selection.place);
  if (next == nullptr || IsInItsShare(*next, candidates.selection)) return next;
  return candidates.From(candidates.selection.place + 1);
}

// Mixes two hashes (the finalizer of SplitMix64; Steele, Lea and Flood 2014).
uint64_t Mix(uint64_t a, uint64_t b) {
  uint64_t z = a ^ b;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

// How many active requests an endpoint may have before a key's requests go to its next one.
class LoadBound {
 public:
  explicit LoadBound(const Endpoints& endpoints) : endpoints_(endpoints) {}

  bool Exceeded(const Endpoint& endpoint) {
    const uint32_t active = ActiveAt(endpoint);
    // So few are no load, and the mean of little would tear the requests of a key apart.
    if (active < kAlwaysFree) return false;
    if (bound_ == 0) bound_ = Count();
    return active >= bound_;
  }

 private:
  static constexpr uint32_t kAlwaysFree = 4;
  static constexpr size_t kCounted = 64;  // the mean of so many is near enough

  uint64_t Count() const {
    const size_t step = (endpoints_.size() + kCounted - 1) / kCounted;
    uint64_t active = 1;  // this request
    uint64_t counted = 0;
    for (size_t i = 0; i < endpoints_.size(); i += step, ++counted) active += ActiveAt(*endpoints_[i]);
    return (active * 5 + counted * 4 - 1) / (counted * 4);  // 1.25 times the mean, rounded up
  }

  const Endpoints& endpoints_;
  uint64_t bound_ = 0;  // 0: not counted yet
};

// One pass: only what would be better than the best so far is looked at.
Endpoint* HighestHash(const Candidates& candidates) {
  LoadBound bound(candidates.all);
  Endpoint* best = nullptr;
  uint64_t highest = 0;
  for (const std::shared_ptr<Endpoint>& endpoint : candidates.all) {
    const uint64_t hash = Mix(candidates.selection.place, endpoint->name_hash);
    if (best != nullptr && hash <= highest) continue;
    if (!candidates.Has(*endpoint) || bound.Exceeded(*endpoint)) continue;
    best = endpoint.get();
    highest = hash;
  }
  return best != nullptr ? best : LessBusyOfTwo(candidates);
}

}  // namespace

Endpoint* ChooseAmong(const Endpoints& endpoints, const Selection& selection, Heed heed,
                      const std::vector<Endpoint*>& tried) {
  if (endpoints.empty()) return nullptr;
  const Candidates candidates{endpoints, selection, heed, tried};
  switch (selection.balance) {
    case Balance::kLeastRequests: return LessBusyOfTwo(candidates);
    case Balance::kRoundRobin: return NextInTurn(candidates);
    case Balance::kConsistentHash: return HighestHash(candidates);
  }
  return nullptr;
}

}  // namespace tollgate::forward
