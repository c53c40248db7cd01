// What a rule takes from heads and puts into them, as its author wrote it. Plain data; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "controller/resource/constraints.h"
#include "controller/resource/own_answer.h"

namespace tollgate::resource {

struct HeaderEdits {
  std::vector<std::string> remove;
  std::vector<HeaderValue> set;  // values with variables (api/value_template.h)

  bool operator==(const HeaderEdits&) const = default;
};

// How bodies may be compressed.
enum class Coding { kBrotli, kGzip, kZstd };

// Of the block `response` of a rule, in the order of preference.
std::vector<Coding> ReadCompress(const nlohmann::json& response);

// Of the block `request` or `response` of a rule.
HeaderEdits ReadHeaderEdits(const nlohmann::json& block);

// The C++ of the CEL rules about them, whose sentences stand in gateway_route_twins.cc.
Broken HeaderOfRequestsIsFree(const nlohmann::json& name);
Broken OnlyUpstreamsHaveHeads(const nlohmann::json& rule);

}  // namespace tollgate::resource
