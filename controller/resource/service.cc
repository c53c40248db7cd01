#include "controller/resource/service.h"

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"
#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"

// Kinds of Kubernetes itself: the apiserver has checked them, and they have many fields that are not read.
namespace tollgate::resource {
namespace {

using nlohmann::json;

constexpr int64_t kLargestPort = 65535;

std::optional<int> PortOf(const json& item) {
  const std::optional<int64_t> port = OptionalInteger(item, "port");
  if (!port || *port < 1 || *port > kLargestPort) return std::nullopt;
  return static_cast<int>(*port);
}

// Kubernetes API reference, EndpointConditions: absent `ready` is true, absent `serving` is as `ready`.
SliceEndpoint ReadEndpoint(const json& item) {
  const json& conditions = ObjectAt(item, "conditions");
  SliceEndpoint endpoint;
  endpoint.addresses = TextList(item, "addresses");
  endpoint.ready = OptionalBool(conditions, "ready").value_or(true);
  endpoint.serving = OptionalBool(conditions, "serving").value_or(endpoint.ready);
  endpoint.terminating = OptionalBool(conditions, "terminating").value_or(false);
  return endpoint;
}

}  // namespace

Service ParseService(const json& object) {
  const json& spec = ObjectAt(object, "spec");
  Service service;
  service.meta = ParseMetadata(object);
  service.is_external_name = Text(spec, "type") == "ExternalName";
  for (const json& item : ListAt(spec, "ports")) {
    if (const auto port = PortOf(item)) service.ports.push_back({Text(item, "name"), *port});
  }
  return service;
}

EndpointSlice ParseEndpointSlice(const json& object) {
  EndpointSlice slice;
  slice.meta = ParseMetadata(object);
  slice.service = LabelOf(object, kServiceNameLabel);
  slice.is_fqdn = Text(object, "addressType") == "FQDN";
  for (const json& item : ListAt(object, "endpoints")) slice.endpoints.push_back(ReadEndpoint(item));
  for (const json& item : ListAt(object, "ports")) {
    slice.ports.push_back({Text(item, "name"), PortOf(item)});
  }
  return slice;
}

}  // namespace tollgate::resource
