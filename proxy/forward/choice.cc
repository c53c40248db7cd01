#include "proxy/forward/choice.h"

namespace tollgate::forward {

Endpoint* EndpointChoice::Next(uint64_t random) {
  Endpoint* const next = table_.ChooseEndpoint(upstream_, random, tried_);
  if (next != nullptr || tried_.size() == unreachable_) return next;
  tried_.resize(unreachable_);
  return table_.ChooseEndpoint(upstream_, random, tried_);
}

void EndpointChoice::NoteFailed(Endpoint& endpoint, Ending ending) {
  // That a connection had been closed while it was idle says nothing against its endpoint.
  if (ending == Ending::kStale) return;
  const bool unreachable = ending == Ending::kNotConnected;
  tried_.insert(unreachable ? tried_.begin() + static_cast<ptrdiff_t>(unreachable_) : tried_.end(),
                &endpoint);
  if (unreachable) ++unreachable_;
}

}  // namespace tollgate::forward
