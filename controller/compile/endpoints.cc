#include "controller/compile/endpoints.h"

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

namespace tollgate::compile {
namespace {

// Address and port → whether it is shutting down.
using EndpointMap = std::map<std::pair<std::string, int>, bool>;

// Kubernetes API, EndpointConditions: `serving` is `ready` without regard to termination.
bool IsUsable(const resource::SliceEndpoint& endpoint) {
  return !endpoint.addresses.empty() && (endpoint.ready || (endpoint.serving && endpoint.terminating));
}

void AddEndpoint(const resource::SliceEndpoint& endpoint, int port, EndpointMap& endpoints) {
  const auto [at, inserted] = endpoints.try_emplace({endpoint.addresses.front(), port}, endpoint.terminating);
  // An endpoint may stand in two slices while the control plane moves it; the better news is the newer.
  if (!inserted) at->second = at->second && endpoint.terminating;
}

void AddSlice(const resource::EndpointSlice& slice, const std::string& port_name, EndpointMap& endpoints) {
  for (const resource::SlicePort& port : slice.ports) {
    if (port.name != port_name || !port.port) continue;
    for (const resource::SliceEndpoint& endpoint : slice.endpoints) {
      if (IsUsable(endpoint)) AddEndpoint(endpoint, *port.port, endpoints);
    }
  }
}

}  // namespace

CompiledEndpoints CompileEndpoints(const std::vector<const resource::EndpointSlice*>& slices,
                                   const std::string& port_name) {
  EndpointMap endpoints;
  CompiledEndpoints compiled;
  for (const resource::EndpointSlice* slice : slices) {
    compiled.has_fqdn_slice |= slice->is_fqdn;
    if (!slice->is_fqdn) AddSlice(*slice, port_name, endpoints);
  }
  compiled.left_out = endpoints.size() - std::min(endpoints.size(), kMostEndpoints);
  for (const auto& [where, terminating] : std::views::take(endpoints, kMostEndpoints)) {
    api::Endpoint* endpoint = compiled.upstream.add_endpoints();
    endpoint->set_address(where.first);
    endpoint->set_port(static_cast<uint32_t>(where.second));
    endpoint->set_terminating(terminating);
  }
  return compiled;
}

}  // namespace tollgate::compile
