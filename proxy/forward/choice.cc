#include "proxy/forward/choice.h"

namespace tollgate::forward {

Endpoint* EndpointChoice::Next(uint64_t random, SteadyTime now) {
  const Selection selection{random, now, rule_.passive_health().max_ejected_percent()};
  Endpoint* const next = table_.ChooseEndpoint(upstream_, selection, tried_);
  if (next != nullptr || tried_.size() == unreachable_) return next;
  tried_.resize(unreachable_);
  return table_.ChooseEndpoint(upstream_, selection, tried_);
}

void EndpointChoice::Note(Endpoint& endpoint, Ending ending, int status) {
  const Sign sign = SignOf(ending, status);
  if (sign == Sign::kGood) return endpoint.health.NoteSuccess();
  if (sign == Sign::kBad) table_.NoteFailure(upstream_, rule_.passive_health(), endpoint, SteadyNow());
}

void EndpointChoice::LeaveOut(Endpoint& endpoint, Ending ending) {
  // That a connection had been closed while it was idle says nothing against its endpoint.
  if (ending == Ending::kStale) return;
  const bool unreachable = ending == Ending::kNotConnected;
  tried_.insert(unreachable ? tried_.begin() + static_cast<ptrdiff_t>(unreachable_) : tried_.end(),
                &endpoint);
  if (unreachable) ++unreachable_;
}

}  // namespace tollgate::forward
