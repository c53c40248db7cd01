#include "proxy/forward/balancing.h"

#include <algorithm>

namespace tollgate::forward {
namespace {

// Eight bits that the choice of the endpoints has not used up.
uint32_t LotOf(uint64_t random) { return static_cast<uint32_t>(random * 0x9E3779B97F4A7C15ULL >> 56); }

// The less busy one; but a newcomer hands what is beyond its share on to one that has its whole share.
Endpoint* LessBusy(Endpoint& a, Endpoint& b, const Selection& selection) {
  const bool second =
      b.active_requests.load(std::memory_order_relaxed) < a.active_requests.load(std::memory_order_relaxed);
  Endpoint& chosen = second ? b : a;
  Endpoint& other = second ? a : b;
  if (chosen.health.Share(selection.now) > LotOf(selection.random)) return &chosen;
  return other.health.Share(selection.now) == EndpointHealth::kWholeShare ? &other : &chosen;
}

}  // namespace

Endpoint* ChooseAmong(const Endpoints& endpoints, const Selection& selection, Heed heed,
                      const std::vector<Endpoint*>& tried) {
  const auto usable = [&](const Endpoint& endpoint) {
    if (heed == Heed::kAvailable && !endpoint.health.Available(selection.now)) return false;
    return std::find(tried.begin(), tried.end(), &endpoint) == tried.end();
  };
  const size_t n = endpoints.size();
  if (n == 0) return nullptr;
  const uint64_t random = selection.random;
  const size_t first = (random & 0xFFFFFFFF) % n;
  const size_t second = (random >> 32) % n;
  Endpoint& a = *endpoints[first];
  // A newcomer needs another one to hand on to.
  const bool alone = first == second && a.health.Share(selection.now) < EndpointHealth::kWholeShare;
  Endpoint& b = *endpoints[alone ? (second + 1) % n : second];
  if (usable(a)) return usable(b) ? LessBusy(a, b, selection) : &a;
  if (usable(b)) return &b;
  // Whichever is left, beginning at a random place.
  for (size_t i = 0; i < n; ++i) {
    Endpoint& endpoint = *endpoints[((random >> 16 & 0xFFFFFFFF) + i) % n];
    if (usable(endpoint)) return &endpoint;
  }
  return nullptr;
}

}  // namespace tollgate::forward
