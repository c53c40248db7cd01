#include "proxy/forward/upstream_table.h"

namespace tollgate::forward {
UpstreamTable::UpstreamTable(const snapshot::Catalog& catalog, EndpointBook& book) {
  upstreams_.reserve(catalog.upstreams().size());
  for (const snapshot::UpstreamEntry& entry : catalog.upstreams()) {
    UpstreamEndpoints& endpoints = upstreams_.emplace_back();
    endpoints.record = book.GetUpstream(entry.name);
    for (const api::Endpoint& spec : entry.spec.endpoints()) {
      auto endpoint = book.Get(spec.address(), static_cast<uint16_t>(spec.port()));
      if (!endpoint) continue;  // no IP address: the compiler leaves out slices of names
      (spec.terminating() ? endpoints.terminating : endpoints.ready).push_back(std::move(endpoint));
    }
  }
}

int UpstreamTable::ChooseTarget(const snapshot::RuleEntry& rule, uint64_t random) {
  uint64_t total = 0;
  for (const api::Target& target : rule.spec->targets()) total += target.weight();
  if (total == 0) return -1;
  uint64_t at = random % total;
  for (int i = 0; i < rule.spec->targets_size(); ++i) {
    const uint64_t weight = rule.spec->targets(i).weight();
    if (at < weight) return i;
    at -= weight;
  }
  return -1;
}

Endpoint* UpstreamTable::ChooseEndpoint(snapshot::UpstreamIndex upstream, const Selection& selection,
                                        const std::vector<Endpoint*>& tried) const {
  const UpstreamEndpoints& endpoints = upstreams_[upstream];
  if (Endpoint* const available =
          ChooseAmong(endpoints.ready, selection, HeedFor(endpoints, selection), tried)) {
    return available;
  }
  if (Endpoint* const ending = ChooseAmong(endpoints.terminating, selection, Heed::kAll, tried))
    return ending;
  return ChooseAmong(endpoints.ready, selection, Heed::kAll, tried);
}

Heed UpstreamTable::HeedFor(const UpstreamEndpoints& endpoints, const Selection& selection) {
  const uint32_t percent = selection.most_unavailable_percent;
  if (percent == 0) return Heed::kAll;
  return IsPanic(endpoints.ready, *endpoints.record, percent, selection.now) ? Heed::kAll : Heed::kAvailable;
}

void UpstreamTable::NoteFailure(snapshot::UpstreamIndex upstream, const api::PassiveHealth& policy,
                                Endpoint& endpoint, SteadyTime now) const {
  const UpstreamEndpoints& endpoints = upstreams_[upstream];
  forward::NoteFailure(policy, endpoints.ready, *endpoints.record, endpoint, now);
}

EndpointTally UpstreamTable::Tally(SteadyTime now) const {
  EndpointTally tally;
  for (const UpstreamEndpoints& upstream : upstreams_) {
    const size_t ejected = CountUnavailable(upstream.ready, now);
    tally.ready += upstream.ready.size() - ejected;
    tally.ejected += ejected;
    tally.terminating += upstream.terminating.size();
  }
  return tally;
}

}  // namespace tollgate::forward
