// In which form a route tells its refusals, as its author wrote it. Plain data; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "controller/resource/constraints.h"

namespace tollgate::resource {

struct ErrorTemplate {
  std::string problem;  // slug of the type; empty: every one that has no template of its own
  std::string content_type;
  std::string body;

  bool operator==(const ErrorTemplate&) const = default;
};

// Of `spec`; none: refusals are problem details.
std::vector<ErrorTemplate> ReadErrorTemplates(const nlohmann::json& spec);

// The C++ of the CEL rules about it, whose sentences stand in gateway_route_twins.cc.
Broken TemplatesGoWithTheirFormat(const nlohmann::json& errors);
Broken EachProblemHasOneTemplate(const nlohmann::json& templates);

}  // namespace tollgate::resource
