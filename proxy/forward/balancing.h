// Which of some endpoints a request is sent to. Any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "proxy/forward/passive_health.h"

namespace tollgate::forward {

enum class Balance : uint8_t { kLeastRequests, kRoundRobin, kConsistentHash };

// What a choice depends on.
struct Selection {
  uint64_t random;  // uniform over 64 bits
  SteadyTime now;
  // More endpoints than that out of use: health is ignored. 0: it always is.
  uint32_t most_unavailable_percent = 0;
  Balance balance = Balance::kLeastRequests;
  uint64_t place = 0;  // kRoundRobin: whose turn it is; kConsistentHash: KeyHash()
};

enum class Heed : bool { kAll, kAvailable };

// An endpoint that is not in `tried` and, for kAvailable, not out of use; nullptr where there is none.
// LeastRequests: the less busy of two random ones ("power of two choices", Mitzenmacher 2001).
// ConsistentHash: the one whose hash with the key is highest ("rendezvous", Thaler and Ravishankar 1998), so
// that keys move only from an endpoint that goes and to one that comes; but of those alone that have at most
// 1.25 times the mean of active requests ("bounded loads", Mirrokni, Thorup and Zadimoghaddam 2018).
Endpoint* ChooseAmong(const Endpoints& endpoints, const Selection& selection, Heed heed,
                      const std::vector<Endpoint*>& tried);

}  // namespace tollgate::forward
