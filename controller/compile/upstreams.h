// Services and their EndpointSlices become upstreams: one for each port of a Service that a route names; and
// one for each URL.
// Not thread-safe: owned by one compilation.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "api/snapshot.pb.h"
#include "controller/compile/endpoints.h"
#include "controller/store/resource_store.h"

namespace tollgate::compile {

struct NamedUpstream {
  // "namespace/service:port", the port by its name where it has one, else by its number; or
  // "https://host:port".
  std::string name;
  std::string host;  // what the Service is called in the cluster; of a URL, its host
  int port = 0;      // the Service's, or the URL's
  CompiledEndpoints endpoints;
};

// Why a serviceRef cannot be followed: a reason of the ResolvedRefs condition and a sentence.
struct UnresolvedService {
  std::string reason;
  std::string message;
};

class UpstreamTable {
 public:
  // Keeps a reference to `objects`.
  explicit UpstreamTable(const store::ObjectSet& objects);

  // The upstream that a reference from an object in namespace `space` leads to; valid as long as the table.
  // A Service without endpoints resolves, to an upstream that has none.
  Result<const NamedUpstream*, UnresolvedService> Resolve(const std::string& space,
                                                          const resource::ServiceRef& ref);
  // The one that stands for a host outside the cluster: a single endpoint, by its name.
  const NamedUpstream& ResolveUrl(const resource::TargetUrl& url);

  // Adds those that are named to a snapshot.
  void AddTo(api::Snapshot& snapshot, const std::set<std::string>& names) const;

 private:
  const NamedUpstream& Get(const resource::Service& service, const resource::ServicePort& port);

  const store::ObjectSet& objects_;
  std::map<resource::ObjectName, std::vector<const resource::EndpointSlice*>> slices_by_service_;
  std::map<std::string, NamedUpstream> by_name_;
};

}  // namespace tollgate::compile
