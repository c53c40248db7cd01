#include "controller/resource/crd.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "controller/resource/yaml.h"

namespace tollgate::embedded {
extern const std::string_view gatewayroutes_crd;
extern const std::string_view apiplans_crd;
}  // namespace tollgate::embedded

namespace tollgate::resource {
namespace {

using nlohmann::json;

json ReadCrd(std::string_view yaml) {
  json crd;
  const Status<> status = VisitYaml(yaml, "crds", [&](int, const json& document) -> Status<> {
    crd = document;
    return Done{};
  });
  // The file is part of the program; the unit tests read it.
  if (!status) std::abort();
  return crd;
}

}  // namespace

std::string_view GatewayRouteCrdYaml() { return embedded::gatewayroutes_crd; }
std::string_view ApiPlanCrdYaml() { return embedded::apiplans_crd; }

const json& GatewayRouteCrd() {
  static const json crd = ReadCrd(GatewayRouteCrdYaml());
  return crd;
}

const json& ApiPlanCrd() {
  static const json crd = ReadCrd(ApiPlanCrdYaml());
  return crd;
}

}  // namespace tollgate::resource
