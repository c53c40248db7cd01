#include "proxy/forward/upstream_table.h"

#include <algorithm>

namespace tollgate::forward {

UpstreamTable::UpstreamTable(const snapshot::Catalog& catalog, EndpointBook& book)
    : names_(&book.names().live()) {
  upstreams_.reserve(catalog.upstreams().size());
  for (const snapshot::UpstreamEntry& entry : catalog.upstreams()) {
    Upstream& upstream = upstreams_.emplace_back();
    UpstreamEndpoints& endpoints = upstream.endpoints;
    endpoints.record = book.GetUpstream(entry.name);
    for (const api::Endpoint& spec : entry.spec.endpoints()) {
      const auto port = static_cast<uint16_t>(spec.port());
      auto endpoint = book.Get(spec.address(), port);
      if (!endpoint) {  // no IP address
        upstream.name = book.names().Get(entry.name, spec.address(), port);
        continue;
      }
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

std::shared_ptr<const UpstreamEndpoints> UpstreamTable::EndpointsOf(snapshot::UpstreamIndex index,
                                                                    LiveNamedTable::Reader* names) const {
  const Upstream& upstream = upstreams_[index];
  if (upstream.name != nullptr && names != nullptr) {
    // As long as this table has the name, it has a place there.
    if (auto now = (*names->Pin())[upstream.name->slot]) return now;
  }
  // They live as long as this table: nothing is counted.
  return {std::shared_ptr<const void>(), &upstream.endpoints};
}

EndpointTally UpstreamTable::Tally(SteadyTime now) const {
  EndpointTally tally;
  const std::shared_ptr<const NamedTable> named = names_->Get();
  for (const Upstream& upstream : upstreams_) {
    const UpstreamEndpoints* endpoints = &upstream.endpoints;
    if (upstream.name != nullptr && (*named)[upstream.name->slot]) {
      endpoints = (*named)[upstream.name->slot].get();
    }
    const size_t unavailable = CountUnavailable(endpoints->ready, now);
    const auto unhealthy =
        static_cast<size_t>(std::count_if(endpoints->ready.begin(), endpoints->ready.end(),
                                          [](const auto& endpoint) { return endpoint->health.failing(); }));
    tally.ready += endpoints->ready.size() - std::min(endpoints->ready.size(), unavailable);
    tally.unhealthy += unhealthy;
    // One that begins to answer between the two counts is none of them.
    tally.ejected += unavailable - std::min(unavailable, unhealthy);
    tally.terminating += endpoints->terminating.size();
  }
  return tally;
}

}  // namespace tollgate::forward
