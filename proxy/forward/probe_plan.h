// How a configuration wants endpoints to be probed. Built from a catalog, then immutable; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/forward/upstream_tls.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::forward {

// The same for all endpoints of a target.
struct ProbeTerms {
  std::string path;
  std::string host;  // empty: the endpoint's name
  TlsTerms tls;      // nullptr: in the clear
  std::chrono::milliseconds interval;
  std::chrono::milliseconds timeout;
  uint32_t unhealthy_after;
  uint32_t healthy_after;
  std::string key = {};  // tells them from other terms
};

struct ProbedUpstream {
  snapshot::UpstreamIndex upstream;
  ProbeTerms terms;
};

class ProbePlan {
 public:
  ProbePlan(const snapshot::Catalog& catalog, const UpstreamTlsTable& tls);

  const std::vector<ProbedUpstream>& upstreams() const { return upstreams_; }

 private:
  std::vector<ProbedUpstream> upstreams_;
};

}  // namespace tollgate::forward
