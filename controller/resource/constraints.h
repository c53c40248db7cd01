// The C++ twins of the CEL rules in the CRDs. A rule and its twin are tied by the rule's sentence
// (x-kubernetes-validations[].message), so that a file, and an object older than a rule, meet the same
// verdict and the same words as on a cluster. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controller/resource/object.h"
#include "controller/resource/schema_node.h"

namespace tollgate::resource {

// Where a rule is broken in the value that it is about; empty: it holds. An entry is a path below that value
// (".rules[2].cache.scope") where the twin knows better than the rule's own fieldPath, else "".
using Broken = std::vector<std::string>;

struct Twin {
  std::string_view sentence;
  // Looks at a value whose type the schema has accepted; what stands in it may still be wrong anywhere.
  Broken (*check)(const nlohmann::json& self);
};

// One table a CRD, with the rules that both have in both. Rules that compare an object with what it was
// (`oldSelf`) have no twin: a file has no past, and on a cluster the apiserver has the last word.
std::span<const Twin> GatewayRouteTwins();
std::span<const Twin> ApiPlanTwins();

// What of `object` breaks the rules of `schema`. A rule about a value is left out where the schema itself
// already found a mistake in that value (`found`), but for the rules about `spec`: one broken rule of a route
// must not hide that the route is open to everyone.
std::vector<Mistake> CheckConstraints(const SchemaNode& schema, std::span<const Twin> twins,
                                      const nlohmann::json& object, const std::vector<Mistake>& found);

}  // namespace tollgate::resource
