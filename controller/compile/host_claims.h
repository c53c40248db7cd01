// Hosts belong to a namespace: a host, and everything under its wildcard, belongs to the namespace of the
// oldest object that names it. Claims of different namespaces never overlap, so a namespace cannot take a
// path on another's host by a wildcard either, in whatever order a proxy tries hosts. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/store/resource_store.h"

namespace tollgate::compile {

// A host that a route names and does not get.
struct LostHost {
  std::string host;
  std::string owner;       // the namespace that holds it
  std::string owner_host;  // the host of that namespace which overlaps: the same one, wider or narrower
};

struct RouteHosts {
  std::vector<std::string> held;  // lower case, sorted
  std::vector<LostHost> lost;     // sorted by host
};

using HostClaims = std::map<resource::ObjectName, RouteHosts>;

// An entry for each of the routes. Broken routes claim too: a typo must not hand a host to somebody else.
// With `open_hosts` every route holds what it names.
HostClaims ClaimHosts(const store::ObjectMap<resource::GatewayRoute>& routes, bool open_hosts);

}  // namespace tollgate::compile
