#include "controller/resource/upstream_policy.h"

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"

namespace tollgate::resource {

using nlohmann::json;

namespace {

std::optional<int> OptionalInt(const json& object, std::string_view key) {
  const std::optional<int64_t> value = OptionalInteger(object, key);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::vector<RetryCondition> ReadConditions(const json& retry) {
  std::vector<RetryCondition> conditions;
  for (const std::string& word : TextList(retry, "conditions")) {
    conditions.push_back(word == "Reset" ? RetryCondition::kReset : RetryCondition::kConnectFailure);
  }
  return conditions;
}

std::vector<int> ReadStatuses(const json& retry) {
  std::vector<int> statuses;
  for (const json& status : ListAt(retry, "statuses")) {
    if (status.is_number_integer()) statuses.push_back(status.get<int>());
  }
  return statuses;
}

}  // namespace

std::optional<Retry> ReadRetry(const json& upstream) {
  if (!Has(upstream, "retry")) return std::nullopt;
  const json& block = ObjectAt(upstream, "retry");
  Retry retry;
  retry.attempts = OptionalInt(block, "attempts");
  if (Has(block, "conditions")) retry.conditions = ReadConditions(block);
  if (Has(block, "statuses")) retry.statuses = ReadStatuses(block);
  retry.per_try_timeout = OptionalDuration(block, "perTryTimeout");
  retry.budget_percent = OptionalInt(block, "budgetPercent");
  retry.methods = TextList(block, "methods");
  return retry;
}

std::optional<PassiveHealth> ReadPassiveHealth(const json& upstream) {
  const json& health = ObjectAt(upstream, "health");
  if (!Has(health, "passive")) return std::nullopt;
  const json& passive = ObjectAt(health, "passive");
  return PassiveHealth{OptionalInt(passive, "consecutiveFailures"), OptionalDuration(passive, "ejectFor"),
                       OptionalInt(passive, "maxEjectedPercent")};
}

std::optional<ActiveHealth> ReadActiveHealth(const json& upstream) {
  const json& health = ObjectAt(upstream, "health");
  if (!Has(health, "active")) return std::nullopt;
  const json& active = ObjectAt(health, "active");
  return ActiveHealth{Text(active, "path"), OptionalDuration(active, "interval"),
                      OptionalDuration(active, "timeout"), OptionalInt(active, "unhealthyAfter"),
                      OptionalInt(active, "healthyAfter")};
}

std::optional<Balancing> ReadBalancing(const json& upstream) {
  const json& balancing = ObjectAt(upstream, "balancing");
  using Type = Balancing::Type;
  const auto type = EnumAt<Type>(balancing, "type",
                                 {{"LeastRequests", Type::kLeastRequests},
                                  {"RoundRobin", Type::kRoundRobin},
                                  {"ConsistentHash", Type::kConsistentHash}});
  if (!type) return std::nullopt;
  return Balancing{*type, Text(ObjectAt(balancing, "key"), "name")};
}

ConnectionLimits ReadConnectionLimits(const json& upstream) {
  const json& limits = ObjectAt(upstream, "limits");
  return {OptionalInt(limits, "connections"), OptionalInt(limits, "pending")};
}

}  // namespace tollgate::resource
