#include "controller/resource/constraints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "controller/resource/crd.h"
#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

// The sentences of all rules in a schema that do not compare an object with what it was.
void CollectSentences(const json& schema, std::set<std::string>& sentences) {
  if (schema.contains("x-kubernetes-validations")) {
    for (const json& rule : schema["x-kubernetes-validations"]) {
      const bool compares = rule["rule"].get<std::string>().find("oldSelf") != std::string::npos;
      if (!compares) sentences.insert(rule["message"]);
    }
  }
  for (const json& child : schema) {
    if (child.is_object()) CollectSentences(child, sentences);
  }
}

std::set<std::string> SentencesOf(const json& crd) {
  std::set<std::string> sentences;
  CollectSentences(SchemaOfCrd(crd), sentences);
  return sentences;
}

std::set<std::string> SentencesOf(std::span<const Twin> twins) {
  std::set<std::string> sentences;
  for (const Twin& twin : twins) sentences.emplace(twin.sentence);
  return sentences;
}

TEST(Constraints, EveryCelRuleOfAGatewayRouteHasItsTwinAndEveryTwinItsRule) {
  EXPECT_EQ(SentencesOf(GatewayRouteCrd()), SentencesOf(GatewayRouteTwins()));
}

TEST(Constraints, EveryCelRuleOfAnApiPlanHasItsTwinAndEveryTwinItsRule) {
  EXPECT_EQ(SentencesOf(ApiPlanCrd()), SentencesOf(ApiPlanTwins()));
}

TEST(Constraints, NoSentenceStandsTwiceAmongTheTwins) {
  EXPECT_EQ(SentencesOf(GatewayRouteTwins()).size(), GatewayRouteTwins().size());
  EXPECT_EQ(SentencesOf(ApiPlanTwins()).size(), ApiPlanTwins().size());
}

constexpr char kRule[] = "  - {name: good, upstream: {targets: [{serviceRef: {name: a, port: 80}}]}}\n";

TEST(Constraints, ABrokenRuleDoesNotHideThatPublicNamesPlans) {
  const GatewayRoute route = RouteWith(std::string("  access: Public\n  plans: [{name: free}]\n  rules:\n") +
                                       kRule + "  - {name: Bad}\n");
  ASSERT_EQ(route.mistakes.size(), 1U);
  EXPECT_EQ(route.mistakes[0].field, "spec.plans");
  EXPECT_FALSE(route.rules[1].mistakes.empty());
}

TEST(Constraints, APrivateCacheOnAPublicRouteBreaksItsOwnRuleOnly) {
  const GatewayRoute route = RouteWith(std::string("  access: Public\n  rules:\n") + kRule +
                                       "  - {name: bad, upstream: {targets: [{serviceRef: {name: a, port: "
                                       "80}}]}, cache: {scope: Consumer}}\n");
  EXPECT_TRUE(route.mistakes.empty());
  EXPECT_TRUE(route.rules[0].mistakes.empty());
  ASSERT_EQ(route.rules[1].mistakes.size(), 1U);
  EXPECT_EQ(route.rules[1].mistakes[0].field, "spec.rules[1].cache.scope");
}

TEST(Constraints, AValueThatFailsItsSchemaIsNotJudgedTwice) {
  const ApiPlan plan = PlanWith(
      "  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}\n"
      "  rateLimits: [{name: a, requests: 0, per: 10ms, burst: 1000}]\n");
  EXPECT_THAT(plan.mistakes,
              testing::ElementsAre(testing::Field(&Mistake::field, "spec.rateLimits[0].requests"),
                                   testing::Field(&Mistake::field, "spec.rateLimits[0].per")));
}

TEST(Constraints, ValuesAtTheirBoundsAreAccepted) {
  const ApiPlan plan = PlanWith(
      "  credentials: {apiKeys: {from: [{type: Header, name: Authorization}, {type: Query, name: host}]}}\n"
      "  rateLimits:\n"
      "  - {name: fastest, requests: 1000000, per: 1s}\n"
      "  - {name: longest, requests: 1, per: 8760h, burst: 100}\n");
  EXPECT_THAT(plan.mistakes, testing::IsEmpty());
}

}  // namespace
}  // namespace tollgate::resource
