// Text and JSON become typed values here and nowhere else. Pure; any thread.
//
// Every object passes the same gate whether it came from a file or from the apiserver: first the OpenAPI
// schema of its own CRD (schema.h), then the C++ twins of the CRD's CEL rules (constraints.h), each with the
// same sentence as the rule. What only kubectl refuses, unknown fields of `metadata`, is looked for in files.
// What fails inside one rule of a GatewayRoute is noted on that rule alone.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/base/result.h"
#include "controller/resource/api_plan.h"
#include "controller/resource/authorities.h"
#include "controller/resource/consumer_secret.h"
#include "controller/resource/gateway_route.h"
#include "controller/resource/opaque_secret.h"
#include "controller/resource/service.h"
#include "controller/resource/tls_secret.h"

namespace tollgate::resource {

inline constexpr char kGroupVersion[] = "tollgate.dev/v1alpha1";

// The object must be of the kind named (the caller looked at `kind`). Never fails: what is wrong stands in
// the value's `mistakes`.
enum class Origin { kCluster, kFile };
GatewayRoute ParseGatewayRoute(const nlohmann::json& object, Origin origin = Origin::kCluster);
ApiPlan ParseApiPlan(const nlohmann::json& object);
ConsumerSecret ParseConsumerSecret(const nlohmann::json& object);
OpaqueSecret ParseOpaqueSecret(const nlohmann::json& object);
TlsSecret ParseTlsSecret(const nlohmann::json& object);
ConfigMap ParseConfigMap(const nlohmann::json& object);
Service ParseService(const nlohmann::json& object);
EndpointSlice ParseEndpointSlice(const nlohmann::json& object);

// Fields of a Secret, and of its metadata, that are not known. For files alone, as kubectl would refuse them:
// `stringdata` for stringData, say, would otherwise be a Secret without callers.
std::vector<Mistake> CheckSecretFields(const nlohmann::json& object);

// A watched object of any kind that Tollgate knows.
using Object = std::variant<GatewayRoute, ApiPlan, ConsumerSecret, OpaqueSecret, TlsSecret, ConfigMap,
                            Service, EndpointSlice>;

// One document of a file, not yet judged.
struct Manifest {
  std::string source;  // "path:line" of where the document begins
  std::string api_version;
  std::string kind;
  std::string json;  // the document as JSON text
};

// Splits YAML (one or more documents, also `kind: List`) into manifests. Scalars are read as kubectl reads
// them (YAML 1.1 booleans); a duplicate key, an anchor loop, or a document without apiVersion and kind is an
// error that names file and line.
Result<std::vector<Manifest>> ReadManifests(std::string_view yaml, const std::string& path);

// The object of a manifest; nothing where Tollgate has no use for its kind (a Deployment, say).
// `mistakes` of the object are not an error here.
std::optional<Object> ParseManifest(const Manifest& manifest);

}  // namespace tollgate::resource
