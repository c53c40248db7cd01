#include <nlohmann/json.hpp>
#include <set>

#include "controller/publish/status_text.h"
#include "controller/resource/json_access.h"
#include "controller/resource/parse.h"

namespace tollgate::publish {
namespace {

using nlohmann::json;
using resource::ListAt;
using resource::ObjectAt;
using resource::OptionalCount;
using resource::OptionalInteger;
using resource::Text;
using resource::TextList;

// Whether a condition of this type is ours; others may set their own beside it.
bool IsOurs(const std::string& type) {
  static const std::set<std::string> ours = {"Accepted",        "PartiallyInvalid",     "ResolvedRefs",
                                             "CredentialsSafe", condition::kProgrammed, condition::kEnforced};
  return ours.contains(type);
}

json ToJson(const StatusCondition& condition) {
  return {{"type", condition.type},
          {"status", condition.status},
          {"reason", condition.reason},
          {"message", condition.message},
          {"observedGeneration", condition.observed_generation},
          {"lastTransitionTime", FormatTime(condition.since)}};
}

json RouteFields(const ObjectStatus& status) {
  json fields = {{"ruleCount", status.rule_count}, {"hosts", status.hosts}, {"problems", json::array()}};
  for (const compile::RuleProblem& problem : status.problems) {
    fields["problems"].push_back(
        {{"rule", problem.rule}, {"field", problem.field}, {"message", problem.message}});
  }
  return fields;
}

json PlanFields(const ObjectStatus& status) {
  return {{"consumerCount", status.consumer_count}, {"attachedRoutes", status.attached_routes}};
}

StatusCondition ReadCondition(const json& condition) {
  return {.type = Text(condition, "type"),
          .status = Text(condition, "status"),
          .reason = Text(condition, "reason"),
          .message = Text(condition, "message"),
          .observed_generation = OptionalInteger(condition, "observedGeneration").value_or(0),
          .since = ParseRfc3339(Text(condition, "lastTransitionTime")).value_or(0)};
}

std::vector<StatusCondition> ReadConditions(const json& status) {
  std::vector<StatusCondition> conditions;
  for (const json& condition : ListAt(status, "conditions")) {
    if (IsOurs(Text(condition, "type"))) conditions.push_back(ReadCondition(condition));
  }
  return conditions;
}

}  // namespace

std::string ApplyDocument(const ObjectKey& object, const ObjectStatus& status) {
  json fields = object.kind == "ApiPlan" ? PlanFields(status) : RouteFields(status);
  fields["installation"] = status.installation;
  fields["conditions"] = json::array();
  for (const StatusCondition& condition : status.conditions) {
    fields["conditions"].push_back(ToJson(condition));
  }
  const json document = {{"apiVersion", resource::kGroupVersion},
                         {"kind", object.kind},
                         {"metadata", {{"name", object.name.name}, {"namespace", object.name.space}}},
                         {"status", std::move(fields)}};
  // A refusal's text comes from a proxy: bytes that are not UTF-8 must not end the controller.
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ObjectStatus> ReadStatus(const std::string& object) {
  const json parsed = json::parse(object, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    return Fault{"the API server's answer is not an object, so its status cannot be read; it is asked again"};
  }
  const json& status = ObjectAt(parsed, "status");
  ObjectStatus read{.installation = Text(status, "installation"),
                    .hosts = TextList(status, "hosts"),
                    .rule_count = OptionalCount(status, "ruleCount").value_or(0),
                    .problems = {},
                    .consumer_count = OptionalCount(status, "consumerCount").value_or(0),
                    .attached_routes = OptionalCount(status, "attachedRoutes").value_or(0),
                    .conditions = ReadConditions(status)};
  for (const json& problem : ListAt(status, "problems")) {
    read.problems.push_back({Text(problem, "rule"), Text(problem, "field"), Text(problem, "message")});
  }
  return read;
}

}  // namespace tollgate::publish
