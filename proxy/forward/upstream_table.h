// The upstreams of a snapshot as endpoints to choose from. Built from a catalog, then immutable; any thread
// may read.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/forward/balancing.h"
#include "proxy/forward/endpoint.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::forward {

struct UpstreamEndpoints {
  std::shared_ptr<UpstreamRecord> record;
  Endpoints ready;
  Endpoints terminating;  // used only where no ready one is left
};

// How many endpoints are how, over all upstreams.
struct EndpointTally {
  size_t ready = 0;
  size_t ejected = 0;  // ready, and out of use for a while since requests to them failed
  size_t terminating = 0;
};

class UpstreamTable {
 public:
  UpstreamTable(const snapshot::Catalog& catalog, EndpointBook& book);

  // The position of a target of the rule, by weight; `random` is uniform over 64 bits. The rule has a target
  // whose weight is above zero, or nothing is chosen and the answer is -1.
  static int ChooseTarget(const snapshot::RuleEntry& rule, uint64_t random);

  // An endpoint of an upstream, leaving out those in `tried`: a terminating one where no other is available,
  // and one that is out of use where that is all there is. nullptr where none is left.
  Endpoint* ChooseEndpoint(snapshot::UpstreamIndex upstream, const Selection& selection,
                           const std::vector<Endpoint*>& tried) const;
  // A try at one of its endpoints spoke against it.
  void NoteFailure(snapshot::UpstreamIndex upstream, const api::PassiveHealth& policy, Endpoint& endpoint,
                   SteadyTime now) const;

  UpstreamRecord& RecordOf(snapshot::UpstreamIndex upstream) const { return *upstreams_[upstream].record; }
  EndpointTally Tally(SteadyTime now) const;

 private:
  static Heed HeedFor(const UpstreamEndpoints& endpoints, const Selection& selection);

  std::vector<UpstreamEndpoints> upstreams_;
};

}  // namespace tollgate::forward
