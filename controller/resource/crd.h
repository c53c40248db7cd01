// The CustomResourceDefinitions that this program was built with. One copy: the files under crds/ are what a
// cluster gets, and their bytes are embedded here. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace tollgate::resource {

// The YAML as it stands in crds/.
std::string_view GatewayRouteCrdYaml();
std::string_view ApiPlanCrdYaml();

// The same, read; parsed once.
const nlohmann::json& GatewayRouteCrd();
const nlohmann::json& ApiPlanCrd();

}  // namespace tollgate::resource
