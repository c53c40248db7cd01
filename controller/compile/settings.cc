#include "controller/compile/settings.h"

#include <algorithm>
#include <set>
#include <string>

namespace tollgate::compile {
namespace {

// A pod behind a Service of two address families has an endpoint in slices of each: it counts once.
class EndpointCount {
 public:
  void Add(const resource::SliceEndpoint& endpoint) {
    // The first address stands for the endpoint, as for upstreams. One that shuts down is not ready any more.
    if (!endpoint.ready || endpoint.addresses.empty()) return;
    const std::string& address = endpoint.addresses.front();
    (address.find(':') == std::string::npos ? ipv4_ : ipv6_).insert(address);
  }
  uint32_t total() const { return static_cast<uint32_t>(std::max(ipv4_.size(), ipv6_.size())); }

 private:
  std::set<std::string> ipv4_;
  std::set<std::string> ipv6_;
};

}  // namespace

std::optional<api::Settings> CompileSettings(const store::ObjectMap<resource::EndpointSlice>& slices,
                                             const CompilerOptions& options) {
  if (!options.proxy_service) return std::nullopt;
  EndpointCount count;
  for (const auto& [name, slice] : slices) {
    const bool is_proxies =
        name.space == options.proxy_service->space && slice->service == options.proxy_service->name;
    if (!is_proxies || slice->is_fqdn) continue;
    for (const resource::SliceEndpoint& endpoint : slice->endpoints) count.Add(endpoint);
  }
  api::Settings settings;
  settings.set_proxies(count.total());
  return settings;
}

}  // namespace tollgate::compile
