// The gate that every custom resource passes: its schema, then the twins of its CEL rules. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "controller/resource/object.h"

namespace tollgate::resource {

// All mistakes of an object of that kind: metadata, schema, constraints, in this order.
std::vector<Mistake> JudgeGatewayRoute(const nlohmann::json& object);
std::vector<Mistake> JudgeApiPlan(const nlohmann::json& object);

}  // namespace tollgate::resource
