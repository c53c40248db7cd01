// The upstreams of a snapshot as endpoints to choose from. Built from a catalog, then immutable, but for what
// names lead to; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/forward/endpoint.h"
#include "proxy/forward/name_book.h"
#include "proxy/forward/upstream_endpoints.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::forward {

// How many endpoints are how, over all upstreams.
struct EndpointTally {
  size_t ready = 0;
  size_t ejected = 0;    // ready, and out of use for a while since requests to them failed
  size_t unhealthy = 0;  // ready, and out of use since they do not answer their probes
  size_t terminating = 0;
};

class UpstreamTable {
 public:
  UpstreamTable(const snapshot::Catalog& catalog, EndpointBook& book);

  // The position of a target of the rule, by weight; `random` is uniform over 64 bits. The rule has a target
  // whose weight is above zero, or nothing is chosen and the answer is -1.
  static int ChooseTarget(const snapshot::RuleEntry& rule, uint64_t random);

  // The endpoints that an upstream has now. `names` is of the calling thread, and of the book that this was
  // made with; without one, an upstream that is known by its name has none.
  std::shared_ptr<const UpstreamEndpoints> EndpointsOf(snapshot::UpstreamIndex upstream,
                                                       LiveNamedTable::Reader* names = nullptr) const;
  // Whether it is known by a DNS name.
  bool IsNamed(snapshot::UpstreamIndex upstream) const { return upstreams_[upstream].name != nullptr; }
  const LiveNamedTable& names() const { return *names_; }

  UpstreamRecord& RecordOf(snapshot::UpstreamIndex upstream) const {
    return *upstreams_[upstream].endpoints.record;
  }
  EndpointTally Tally(SteadyTime now) const;

 private:
  struct Upstream {
    UpstreamEndpoints endpoints;                // of one with a name: none
    std::shared_ptr<const NamedUpstream> name;  // nullptr: all that it has stands in `endpoints`
  };

  const LiveNamedTable* names_;
  std::vector<Upstream> upstreams_;
};

}  // namespace tollgate::forward
