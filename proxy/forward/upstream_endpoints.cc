#include "proxy/forward/upstream_endpoints.h"

namespace tollgate::forward {

Endpoint* UpstreamEndpoints::Choose(const Selection& selection, const std::vector<Endpoint*>& tried) const {
  if (Endpoint* const available = ChooseAmong(ready, selection, HeedFor(selection), tried)) return available;
  if (Endpoint* const ending = ChooseAmong(terminating, selection, Heed::kAll, tried)) return ending;
  return ChooseAmong(ready, selection, Heed::kAll, tried);
}

Heed UpstreamEndpoints::HeedFor(const Selection& selection) const {
  const uint32_t percent = selection.most_unavailable_percent;
  if (percent == 0) return Heed::kAll;
  return IsPanic(ready, *record, percent, selection.now) ? Heed::kAll : Heed::kAvailable;
}

void UpstreamEndpoints::NoteFailure(const api::PassiveHealth& policy, Endpoint& endpoint,
                                    SteadyTime now) const {
  forward::NoteFailure(policy, ready, *record, endpoint, now);
}

const Endpoint* UpstreamEndpoints::OtherFamily(const Endpoint& endpoint) const {
  const size_t first = endpoint.name_hash % std::max<size_t>(1, ready.size());
  for (size_t i = 0; i < ready.size(); ++i) {
    const Endpoint& other = *ready[(first + i) % ready.size()];
    if (other.address.is_ipv6() != endpoint.address.is_ipv6()) return &other;
  }
  return nullptr;
}

}  // namespace tollgate::forward
