#include "controller/resource/api_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

constexpr char kFull[] = R"(
  installation: tollgate
  displayName: Gold
  credentials:
    apiKeys:
      from: [{type: Header, name: X-Api-Key}, {type: Query, name: api_key}, {type: Cookie, name: key}]
      forward: true
  allow: {operations: ["quotes.*", news.read, "*"]}
  rateLimits:
  - {name: burst, requests: 50, per: 1s, scope: ConsumerAndRoute, burst: 100}
  - {name: day, requests: 10000, per: 24h}
  quota:
    credits: 10000
    window: {type: Calendar, calendar: Week}
    costs: [{operation: fundamentals.read, type: Fixed, credits: 25}, {operation: "llm.*", credits: 0}]
    defaultCost: 2
    whenExhausted: AllowOverage
  enforcement: {whenStoreIsDown: Closed}
)";

TEST(ApiPlan, CredentialsAndGrantsAreRead) {
  const ApiPlan plan = PlanWith(kFull);
  EXPECT_THAT(plan.mistakes, IsEmpty());
  EXPECT_EQ(plan.installation, "tollgate");
  EXPECT_EQ(plan.display_name, "Gold");
  ASSERT_EQ(plan.api_keys->from.size(), 3U);
  EXPECT_EQ(plan.api_keys->from[0].type, KeyLocation::Type::kHeader);
  EXPECT_EQ(plan.api_keys->from[1].type, KeyLocation::Type::kQuery);
  EXPECT_EQ(plan.api_keys->from[2].type, KeyLocation::Type::kCookie);
  EXPECT_EQ(plan.api_keys->from[2].name, "key");
  EXPECT_EQ(plan.api_keys->forward, true);
  EXPECT_THAT(*plan.allow_operations, ElementsAre("quotes.*", "news.read", "*"));
}

TEST(ApiPlan, LimitsAreRead) {
  const ApiPlan plan = PlanWith(kFull);
  ASSERT_EQ(plan.rate_limits.size(), 2U);
  EXPECT_EQ(plan.rate_limits[0].name, "burst");
  EXPECT_EQ(plan.rate_limits[0].requests, 50U);
  EXPECT_EQ(plan.rate_limits[0].per, seconds(1));
  EXPECT_EQ(plan.rate_limits[0].burst, 100U);
  EXPECT_EQ(plan.rate_limits[0].scope, LimitScope::kConsumerAndRoute);
  EXPECT_EQ(plan.rate_limits[1].per, hours(24));
  EXPECT_EQ(plan.rate_limits[1].burst, std::nullopt);
  EXPECT_EQ(plan.rate_limits[1].scope, std::nullopt);
  EXPECT_EQ(plan.when_store_is_down, WhenStoreIsDown::kClosed);
}

TEST(ApiPlan, TheQuotaIsRead) {
  const Quota quota = PlanWith(kFull).quota.value();
  EXPECT_EQ(quota.credits, 10000U);
  EXPECT_EQ(quota.calendar, Calendar::kWeek);
  ASSERT_EQ(quota.costs.size(), 2U);
  EXPECT_EQ(quota.costs[0].operation, "fundamentals.read");
  EXPECT_EQ(quota.costs[0].credits, 25U);
  EXPECT_EQ(quota.default_cost, 2U);
  EXPECT_EQ(quota.when_exhausted, WhenExhausted::kAllowOverage);
}

TEST(ApiPlan, WhatIsAbsentStaysAbsent) {
  const ApiPlan plan = PlanWith("  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}\n");
  EXPECT_THAT(plan.mistakes, IsEmpty());
  EXPECT_EQ(plan.api_keys->forward, std::nullopt);
  EXPECT_EQ(plan.allow_operations, std::nullopt);
  EXPECT_THAT(plan.rate_limits, IsEmpty());
  EXPECT_EQ(plan.quota, std::nullopt);
  EXPECT_EQ(plan.when_store_is_down, std::nullopt);
}

TEST(ApiPlan, AMistakeAnywhereIsThePlans) {
  const ApiPlan plan = PlanWith(
      "  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}\n"
      "  rateLimits: [{name: a, requests: 1, per: 1s}, {name: b, requests: 0, per: 1s}]\n");
  EXPECT_THAT(plan.mistakes, ElementsAre(Field(&Mistake::field, "spec.rateLimits[1].requests")));
}

TEST(ApiPlan, AKeyStandsInAnyHeaderThatNobodyElseUses) {
  const auto mistakes = [](const std::string& header) {
    return PlanWith("  credentials: {apiKeys: {from: [{type: Header, name: " + header + "}]}}\n").mistakes;
  };
  for (const char* header : {"Authorization", "X-Api-Key", "Via-Key", "X-Request", "X-Forward", "X-Tollgate",
                             "Proxy-Key", "Hosts", "Content-Key"}) {
    EXPECT_THAT(mistakes(header), IsEmpty()) << header;
  }
  for (const char* header :
       {"hOST", "Cookie", "via", "Forwarded", "TE", "Proxy-Authorization", "proxy_connection", "X-Request-Id",
        "x_request-id", "X-Forwarded-For", "X_Forwarded_Proto", "X-Tollgate-Consumer", "X_Tollgate_Plan",
        "Content_Length", "traceparent", "TraceState", "Upgrade", "Keep-Alive"}) {
    EXPECT_EQ(mistakes(header).size(), 1U) << header;
  }
}

TEST(ApiPlan, ItsNameIsALabelsValue) {
  const std::string name(63, 'a');
  const std::string yaml =
      "apiVersion: tollgate.dev/v1alpha1\nkind: ApiPlan\nmetadata: {name: NAME}\n"
      "spec: {credentials: {apiKeys: {from: [{type: Header, name: K}]}}}\n";
  const auto named = [&](const std::string& text) {
    std::string copy = yaml;
    return ParseOne<ApiPlan>(copy.replace(copy.find("NAME"), 4, text));
  };
  EXPECT_THAT(named(name).mistakes, IsEmpty());
  EXPECT_THAT(named(name + "a").mistakes,
              ElementsAre(Mistake{"metadata.name", "Too long: may not be more than 63 bytes"}));
}

}  // namespace
}  // namespace tollgate::resource
