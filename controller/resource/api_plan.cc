#include "controller/resource/api_plan.h"

#include <nlohmann/json.hpp>

#include "controller/resource/json_access.h"
#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"
#include "controller/resource/verdict.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

std::optional<ApiKeys> ReadApiKeys(const json& spec) {
  const json& credentials = ObjectAt(spec, "credentials");
  if (!Has(credentials, "apiKeys")) return std::nullopt;
  const json& keys = ObjectAt(credentials, "apiKeys");
  ApiKeys read;
  for (const json& item : ListAt(keys, "from")) {
    const auto type = EnumAt<KeyLocation::Type>(item, "type",
                                                {{"Header", KeyLocation::Type::kHeader},
                                                 {"Query", KeyLocation::Type::kQuery},
                                                 {"Cookie", KeyLocation::Type::kCookie}});
    if (type) read.from.push_back({*type, Text(item, "name")});
  }
  read.forward = OptionalBool(keys, "forward");
  return read;
}

std::optional<std::vector<std::string>> ReadAllow(const json& spec) {
  if (!Has(spec, "allow")) return std::nullopt;
  return TextList(ObjectAt(spec, "allow"), "operations");
}

RateLimit ReadRateLimit(const json& item) {
  RateLimit limit;
  limit.name = Text(item, "name");
  limit.requests = OptionalCount(item, "requests").value_or(0);
  limit.per = OptionalDuration(item, "per").value_or(milliseconds(0));
  limit.burst = OptionalCount(item, "burst");
  limit.scope = EnumAt<LimitScope>(item, "scope",
                                   {{"Consumer", LimitScope::kConsumer},
                                    {"ConsumerAndRoute", LimitScope::kConsumerAndRoute},
                                    {"ConsumerAndOperation", LimitScope::kConsumerAndOperation},
                                    {"Plan", LimitScope::kPlan},
                                    {"Address", LimitScope::kAddress}});
  return limit;
}

Calendar ReadCalendar(const json& quota) {
  return EnumAt<Calendar>(ObjectAt(quota, "window"), "calendar",
                          {{"Hour", Calendar::kHour},
                           {"Day", Calendar::kDay},
                           {"Week", Calendar::kWeek},
                           {"Month", Calendar::kMonth},
                           {"Year", Calendar::kYear}})
      .value_or(Calendar::kMonth);
}

std::optional<Quota> ReadQuota(const json& spec) {
  if (!Has(spec, "quota")) return std::nullopt;
  const json& quota = ObjectAt(spec, "quota");
  Quota read;
  read.credits = OptionalCount(quota, "credits").value_or(0);
  read.calendar = ReadCalendar(quota);
  for (const json& cost : ListAt(quota, "costs")) {
    read.costs.push_back({Text(cost, "operation"), OptionalCount(cost, "credits").value_or(0)});
  }
  read.default_cost = OptionalCount(quota, "defaultCost");
  read.when_exhausted = EnumAt<WhenExhausted>(
      quota, "whenExhausted",
      {{"Reject", WhenExhausted::kReject}, {"AllowOverage", WhenExhausted::kAllowOverage}});
  return read;
}

std::optional<WhenStoreIsDown> ReadWhenStoreIsDown(const json& spec) {
  return EnumAt<WhenStoreIsDown>(ObjectAt(spec, "enforcement"), "whenStoreIsDown",
                                 {{"Local", WhenStoreIsDown::kLocal},
                                  {"Open", WhenStoreIsDown::kOpen},
                                  {"Closed", WhenStoreIsDown::kClosed}});
}

}  // namespace

ApiPlan ParseApiPlan(const json& object) {
  const json& spec = ObjectAt(object, "spec");
  ApiPlan plan;
  plan.meta = ParseMetadata(object);
  plan.installation = OptionalText(spec, "installation");
  plan.display_name = Text(spec, "displayName");
  plan.api_keys = ReadApiKeys(spec);
  plan.allow_operations = ReadAllow(spec);
  for (const json& limit : ListAt(spec, "rateLimits")) plan.rate_limits.push_back(ReadRateLimit(limit));
  plan.quota = ReadQuota(spec);
  plan.when_store_is_down = ReadWhenStoreIsDown(spec);
  plan.mistakes = JudgeApiPlan(object);
  return plan;
}

}  // namespace tollgate::resource
