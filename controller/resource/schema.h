// Judges a JSON object by the schema of its own CRD, in the apiserver's own words, so that a file and a
// cluster meet the same verdict. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "controller/resource/object.h"
#include "controller/resource/schema_node.h"

namespace tollgate::resource {

// The compiled schemas; made once.
const SchemaNode& GatewayRouteSchema();
const SchemaNode& ApiPlanSchema();

// What of `object` breaks `schema`: type, required, enum, pattern, bounds, uniqueness, and, as with kubectl's
// strict validation, fields that the schema does not have. Null members count as absent, as the apiserver
// prunes them. `status` is not looked at: it is ours, and from files it is dropped.
std::vector<Mistake> CheckSchema(const SchemaNode& schema, const nlohmann::json& object);

}  // namespace tollgate::resource
