// Which of some endpoints a request is sent to. Any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "proxy/forward/passive_health.h"

namespace tollgate::forward {

// What a choice depends on.
struct Selection {
  uint64_t random;  // uniform over 64 bits
  SteadyTime now;
  // More endpoints than that out of use: health is ignored. 0: it always is.
  uint32_t most_unavailable_percent = 0;
};

enum class Heed : bool { kAll, kAvailable };

// Of two random endpoints the less busy ("power of two choices", Mitzenmacher 2001), leaving out those in
// `tried` and, for kAvailable, what is out of use. nullptr where none is left.
Endpoint* ChooseAmong(const Endpoints& endpoints, const Selection& selection, Heed heed,
                      const std::vector<Endpoint*>& tried);

}  // namespace tollgate::forward
