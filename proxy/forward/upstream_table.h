// The upstreams of a snapshot as endpoints to choose from. Built from a catalog, then immutable; any thread
// may read.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/forward/endpoint.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::forward {

struct UpstreamEndpoints {
  std::shared_ptr<UpstreamRecord> record;
  std::vector<std::shared_ptr<Endpoint>> ready;
  std::vector<std::shared_ptr<Endpoint>> terminating;  // used only where none is ready
};

class UpstreamTable {
 public:
  UpstreamTable(const snapshot::Catalog& catalog, EndpointBook& book);

  // The position of a target of the rule, by weight; `random` is uniform over 64 bits. The rule has a target
  // whose weight is above zero, or nothing is chosen and the answer is -1.
  static int ChooseTarget(const snapshot::RuleEntry& rule, uint64_t random);

  // An endpoint of an upstream: of two random ones the less busy ("power of two choices", Mitzenmacher 2001),
  // leaving out those in `tried`. nullptr where none is left.
  Endpoint* ChooseEndpoint(snapshot::UpstreamIndex upstream, uint64_t random,
                           const std::vector<Endpoint*>& tried) const;

  UpstreamRecord& RecordOf(snapshot::UpstreamIndex upstream) const { return *upstreams_[upstream].record; }
  size_t ready_count() const;

 private:
  std::vector<UpstreamEndpoints> upstreams_;
};

}  // namespace tollgate::forward
