// The conditions of a match on headers, query parameters and cookies: from JSON, and the C++ of their CEL
// rules, whose sentences stand in gateway_route_twins.cc. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "controller/resource/constraints.h"
#include "controller/resource/gateway_route.h"

namespace tollgate::resource {

// `key` is "headers", "query" or "cookies".
std::vector<ValueMatch> ReadValueMatches(const nlohmann::json& match, std::string_view key);

// Of one condition.
Broken ValueIsGiven(const nlohmann::json& condition);
Broken PresentHasNoValue(const nlohmann::json& condition);
// Of whatever has a type and a value.
Broken RegexIsReadable(const nlohmann::json& condition);
// Of the name of a header.
Broken HeaderIsTheCallers(const nlohmann::json& name);

}  // namespace tollgate::resource
