#include "controller/resource/verdict.h"

#include <iterator>
#include <nlohmann/json.hpp>

#include "controller/resource/constraints.h"
#include "controller/resource/metadata.h"
#include "controller/resource/schema.h"

namespace tollgate::resource {
namespace {

void Append(std::vector<Mistake> more, std::vector<Mistake>& mistakes) {
  mistakes.insert(mistakes.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

std::vector<Mistake> Judge(const SchemaNode& schema, std::span<const Twin> twins,
                           const nlohmann::json& object) {
  std::vector<Mistake> mistakes = CheckMetadata(object);
  Append(CheckSchema(schema, object), mistakes);
  Append(CheckConstraints(schema, twins, object, mistakes), mistakes);
  return mistakes;
}

}  // namespace

std::vector<Mistake> JudgeGatewayRoute(const nlohmann::json& object) {
  return Judge(GatewayRouteSchema(), GatewayRouteTwins(), object);
}

std::vector<Mistake> JudgeApiPlan(const nlohmann::json& object) {
  return Judge(ApiPlanSchema(), ApiPlanTwins(), object);
}

}  // namespace tollgate::resource
