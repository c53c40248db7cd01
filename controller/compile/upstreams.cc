#include "controller/compile/upstreams.h"

#include <algorithm>

#include "api/snapshot_hash.h"
#include "controller/compile/conditions.h"

namespace tollgate::compile {
namespace {

using resource::ObjectName;
using resource::Service;
using resource::ServicePort;
using resource::ServiceRef;

// Names are distinct within a Service, and only the port of a Service with a single one may have none, so
// this tells the ports of a Service apart.
std::string PortLabel(const ServicePort& port) {
  return port.name.empty() ? std::to_string(port.port) : port.name;
}

std::string HostOf(const Service& service) {
  return service.meta.name.name + "." + service.meta.name.space + ".svc";
}

const ServicePort* FindPort(const Service& service, const ServiceRef& ref) {
  const auto found = std::find_if(service.ports.begin(), service.ports.end(), [&](const ServicePort& port) {
    if (const auto* name = std::get_if<std::string>(&ref.port)) return port.name == *name;
    return port.port == std::get<int>(ref.port);
  });
  return found == service.ports.end() ? nullptr : &*found;
}

std::string DescribePort(const ServiceRef& ref) {
  if (const auto* name = std::get_if<std::string>(&ref.port)) return "named \"" + *name + "\"";
  return std::to_string(std::get<int>(ref.port));
}

std::string DescribePorts(const Service& service) {
  std::vector<std::string> ports;
  for (const ServicePort& port : service.ports) {
    ports.push_back(std::to_string(port.port) + (port.name.empty() ? "" : " \"" + port.name + "\""));
  }
  return ports.empty() ? "none" : ListOf(ports);
}

UnresolvedService NoSuchService(const ObjectName& name) {
  return {reason::kRefNotFound,
          "Service " + name.ToString() + " does not exist: create it, or name another Service"};
}

// An ExternalName can name any host that the cluster's resolver reaches, also inside the cluster; it would
// get around the rules for addresses outside.
UnresolvedService IsExternalName(const ObjectName& name) {
  return {reason::kRefNotPermitted, "Service " + name.ToString() +
                                        " is of type ExternalName, which is not forwarded to: name a Service"
                                        " that has endpoints"};
}

UnresolvedService NoSuchPort(const Service& service, const ServiceRef& ref) {
  return {reason::kRefNotFound, "Service " + service.meta.name.ToString() + " has no port " +
                                    DescribePort(ref) + ": name one of its ports (" + DescribePorts(service) +
                                    ")"};
}

}  // namespace

UpstreamTable::UpstreamTable(const store::ObjectSet& objects) : objects_(objects) {
  for (const auto& [name, slice] : objects.endpoint_slices) {
    slices_by_service_[{name.space, slice->service}].push_back(slice.get());
  }
}

Result<const NamedUpstream*, UnresolvedService> UpstreamTable::Resolve(const std::string& space,
                                                                       const ServiceRef& ref) {
  const ObjectName name{space, ref.name};
  const auto found = objects_.services.find(name);
  if (found == objects_.services.end()) return NoSuchService(name);
  const Service& service = *found->second;
  if (service.is_external_name) return IsExternalName(name);
  const ServicePort* port = FindPort(service, ref);
  if (port == nullptr) return NoSuchPort(service, ref);
  return &Get(service, *port);
}

const NamedUpstream& UpstreamTable::Get(const Service& service, const ServicePort& port) {
  const std::string name = service.meta.name.ToString() + ":" + PortLabel(port);
  const auto [at, inserted] = by_name_.try_emplace(name);
  if (inserted) {
    at->second = {name, HostOf(service), port.port,
                  CompileEndpoints(slices_by_service_[service.meta.name], port.name)};
  }
  return at->second;
}

const NamedUpstream& UpstreamTable::ResolveUrl(const resource::TargetUrl& url) {
  const auto [at, inserted] = by_name_.try_emplace(url.ToString());
  NamedUpstream& upstream = at->second;
  if (!inserted) return upstream;
  upstream.name = at->first;
  upstream.host = url.host;
  upstream.port = url.port;
  api::Endpoint* const endpoint = upstream.endpoints.upstream.add_endpoints();
  endpoint->set_address(url.host);
  endpoint->set_port(static_cast<uint32_t>(url.port));
  return upstream;
}

void UpstreamTable::AddTo(api::Snapshot& snapshot, const std::set<std::string>& names) const {
  for (const std::string& name : names) {
    *snapshot.add_resources() = api::MakeResource(api::UPSTREAM, name, by_name_.at(name).endpoints.upstream);
  }
}

}  // namespace tollgate::compile
