#include "proxy/forward/upstream_table.h"

#include <algorithm>

namespace tollgate::forward {
namespace {

Endpoint* ChooseAmong(const std::vector<std::shared_ptr<Endpoint>>& endpoints, uint64_t random,
                      const std::vector<Endpoint*>& tried) {
  const auto usable = [&tried](Endpoint* endpoint) {
    return std::find(tried.begin(), tried.end(), endpoint) == tried.end();
  };
  const size_t n = endpoints.size();
  if (n == 0) return nullptr;
  Endpoint* const a = endpoints[(random & 0xFFFFFFFF) % n].get();
  Endpoint* const b = endpoints[(random >> 32) % n].get();
  if (usable(a) && usable(b)) {
    const bool less = b->active_requests.load(std::memory_order_relaxed) <
                      a->active_requests.load(std::memory_order_relaxed);
    return less ? b : a;
  }
  // A retry: whichever is left, beginning at a random place.
  for (size_t i = 0; i < n; ++i) {
    Endpoint* const endpoint = endpoints[((random & 0xFFFFFFFF) + i) % n].get();
    if (usable(endpoint)) return endpoint;
  }
  return nullptr;
}

}  // namespace

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

Endpoint* UpstreamTable::ChooseEndpoint(snapshot::UpstreamIndex upstream, uint64_t random,
                                        const std::vector<Endpoint*>& tried) const {
  const UpstreamEndpoints& endpoints = upstreams_[upstream];
  if (Endpoint* const ready = ChooseAmong(endpoints.ready, random, tried)) return ready;
  return ChooseAmong(endpoints.terminating, random, tried);
}

size_t UpstreamTable::ready_count() const {
  size_t count = 0;
  for (const UpstreamEndpoints& upstream : upstreams_) count += upstream.ready.size();
  return count;
}

}  // namespace tollgate::forward
