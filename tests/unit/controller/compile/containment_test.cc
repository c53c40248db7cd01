// A mistake breaks what it stands in and nothing else: 500 there, never 404 and never open.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ContainmentTest : public CompilerTest {
 protected:
  ContainmentTest() { PutSurroundings(); }

  static resource::GatewayRoute RouteWithTwoRules() {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.rules = {MakeRule("good", "/good"), MakeRule("bad", "/bad")};
    return route;
  }
};

TEST_F(ContainmentTest, ValidRouteServes) {
  Put(MakeRoute("market/quotes"));
  Compile();
  const auto route = RouteNamed("market/quotes");
  ASSERT_TRUE(route);
  EXPECT_EQ(route->broken(), "");
  EXPECT_EQ(route->access(), api::ACCESS_PLANS);
  EXPECT_EQ(route->rules(0).broken(), "");
  EXPECT_EQ(RouteCondition("market/quotes", "Accepted"), "Accepted=True/Accepted: The route is valid");
  EXPECT_EQ(RouteCondition("market/quotes", "PartiallyInvalid"), "");
  EXPECT_THAT(RouteCondition("market/quotes", "ResolvedRefs"), StartsWith("ResolvedRefs=True/ResolvedRefs"));
}

TEST_F(ContainmentTest, BrokenRuleKeepsItsMatchesAndLosesItsTargets) {
  resource::GatewayRoute route = RouteWithTwoRules();
  route.rules[1].mistakes = {{"spec.rules[1].cache.ttl", "is no duration: write one such as 1h"}};
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  ASSERT_EQ(compiled->rules_size(), 2);
  EXPECT_EQ(compiled->rules(0).broken(), "");
  EXPECT_EQ(compiled->rules(0).targets_size(), 1);
  EXPECT_EQ(compiled->rules(1).broken(), "spec.rules[1].cache.ttl: is no duration: write one such as 1h");
  EXPECT_EQ(compiled->rules(1).matches(0).path().value(), "/bad");
  EXPECT_EQ(compiled->rules(1).targets_size(), 0);
  EXPECT_EQ(compiled->broken(), "");
  EXPECT_EQ(VerdictOn("GatewayRoute", "market/quotes")->rule_count, 1u) << "of the rules that are served";
}

TEST_F(ContainmentTest, AWebSocketNeedsTargetsOfHttp11) {
  using resource::Protocol;
  for (const Protocol protocol : {Protocol::kH2c, Protocol::kGrpc, Protocol::kGrpcs}) {
    resource::GatewayRoute route = RouteWithTwoRules();
    route.rules[1].web_socket = true;
    route.rules[1].targets[0].protocol = protocol;
    Put(route);
    Compile();
    const auto compiled = RouteNamed("market/quotes");
    ASSERT_EQ(compiled->rules_size(), 2);
    EXPECT_EQ(compiled->rules(0).broken(), "");
    EXPECT_THAT(compiled->rules(1).broken(),
                StartsWith("spec.rules[1].upstream.targets[0].protocol: WebSockets"));
    EXPECT_EQ(compiled->rules(1).targets_size(), 0);
  }
}

TEST_F(ContainmentTest, ProbesNeedTargetsOfHttp11) {
  resource::GatewayRoute route = RouteWithTwoRules();
  route.rules[1].active_health = resource::ActiveHealth{"/healthz", {}, {}, {}, {}};
  Put(route);
  Compile();
  EXPECT_EQ(RouteNamed("market/quotes")->rules(1).broken(), "");
  route.rules[1].targets[0].protocol = resource::Protocol::kH2c;
  Put(route);
  Compile();
  EXPECT_THAT(RouteNamed("market/quotes")->rules(1).broken(),
              StartsWith("spec.rules[1].upstream.health.active: endpoints are probed over HTTP/1.1"));
}

TEST_F(ContainmentTest, BrokenRuleBesideAGoodOneIsPartiallyInvalid) {
  resource::GatewayRoute route = RouteWithTwoRules();
  route.rules[1].mistakes = {{"spec.rules[1].cache.ttl", "is no duration: write one such as 1h"}};
  Put(route);
  Compile();
  EXPECT_THAT(RouteCondition("market/quotes", "Accepted"), StartsWith("Accepted=True"));
  EXPECT_THAT(RouteCondition("market/quotes", "PartiallyInvalid"),
              StartsWith("PartiallyInvalid=True/Invalid: spec.rules[1].cache.ttl: is no duration"));
  const RuleProblem expected{"bad", "spec.rules[1].cache.ttl", "is no duration: write one such as 1h"};
  EXPECT_EQ(VerdictOn("GatewayRoute", "market/quotes")->problems, std::vector<RuleProblem>{expected});
}

TEST_F(ContainmentTest, RouteWithNoRuleThatServesIsNotAccepted) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].mistakes = {{"spec.rules[0].cache.ttl", "is no duration: write one such as 1h"}};
  Put(route);
  Compile();
  EXPECT_THAT(RouteCondition("market/quotes", "Accepted"),
              StartsWith("Accepted=False/Invalid: spec.rules[0].cache.ttl"));
  EXPECT_EQ(RouteCondition("market/quotes", "PartiallyInvalid"), "") << "all of it is left out";
  EXPECT_NE(RouteNamed("market/quotes")->rules(0).broken(), "");
}

TEST_F(ContainmentTest, UnreadableMatchBreaksTheRouteAndItsSiblingsServe) {
  resource::GatewayRoute route = RouteWithTwoRules();
  route.rules[1].matches_readable = false;
  route.rules[1].mistakes = {{"spec.rules[1].matches[0].path", "has no type: write one"}};
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  ASSERT_EQ(compiled->rules_size(), 1);
  EXPECT_EQ(compiled->rules(0).name(), "good");
  EXPECT_EQ(compiled->rules(0).broken(), "");
  EXPECT_EQ(compiled->broken(), "spec.rules[1].matches[0].path: has no type: write one");
  EXPECT_EQ(compiled->hosts(0), "api.example.com");
}

TEST_F(ContainmentTest, PathWithoutCanonicalFormIsAnUnreadableMatch) {
  resource::GatewayRoute route = RouteWithTwoRules();
  route.rules[1].matches[0].path->value = "/bad%zz";
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  EXPECT_EQ(compiled->rules_size(), 1);
  EXPECT_THAT(compiled->broken(), HasSubstr("spec.rules[1].matches[0].path.value: the path \"/bad%zz\""));
}

TEST_F(ContainmentTest, MistakeOutsideTheRulesRefusesTheObjectAndKeepsItsHosts) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.mistakes = {{"spec.plans", "may not be set on a Public route: take it out"}};
  route.access = resource::Access::kPublic;
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(compiled->broken(), "spec.plans: may not be set on a Public route: take it out");
  EXPECT_EQ(compiled->access(), api::ACCESS_UNSPECIFIED);
  EXPECT_EQ(compiled->rules_size(), 0);
  EXPECT_EQ(compiled->plans_size(), 0);
  EXPECT_EQ(compiled->hosts(0), "api.example.com");
  EXPECT_THAT(RouteCondition("market/quotes", "Accepted"), StartsWith("Accepted=False/Invalid: spec.plans"));
  EXPECT_EQ(VerdictOn("GatewayRoute", "market/quotes")->rule_count, 0u);
}

TEST_F(ContainmentTest, RefusedObjectReportsItsRulesMistakesToo) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.mistakes = {{"spec.plans", "may not be empty: name a plan"}};
  route.rules[0].mistakes = {{"spec.rules[0].cache.ttl", "is no duration: write one such as 1h"}};
  Put(route);
  Compile();
  EXPECT_EQ(VerdictOn("GatewayRoute", "market/quotes")->problems.size(), 1u);
}

// No hosts in a snapshot means every host: a typo in one object's hosts would answer for all others.
TEST_F(ContainmentTest, RouteWhoseHostsCannotBeReadNeverStandsForEveryHost) {
  options_.open_hosts = true;
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.hosts = {};
  for (const char* field : {"spec.hosts[0]", "spec.hosts", "spec", ""}) {
    route.mistakes = {{field, "cannot be read: compare it with kubectl explain"}};
    Put(route);
    Compile();
    EXPECT_FALSE(RouteNamed("market/quotes")) << field;
    EXPECT_THAT(RouteCondition("market/quotes", "Accepted"), StartsWith("Accepted=False/Invalid")) << field;
  }
}

TEST_F(ContainmentTest, BrokenRouteForEveryHostAnswersForEveryHost) {
  options_.open_hosts = true;
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.hosts = {};
  route.mistakes = {{"spec.plans", "may not be empty: name a plan"}};
  Put(route);
  Compile();
  ASSERT_TRUE(RouteNamed("market/quotes"));
  EXPECT_NE(RouteNamed("market/quotes")->broken(), "");
}

TEST_F(ContainmentTest, OtherObjectsAreUntouched) {
  Put(MakeRoute("market/good"));
  Compile();
  const std::string before = RouteNamed("market/good")->SerializeAsString();
  resource::GatewayRoute broken = MakeRoute("market/bad");
  broken.mistakes = {{"spec.access", "is neither Plans nor Public: write one of them"}};
  Put(broken);
  Compile();
  EXPECT_EQ(RouteNamed("market/good")->SerializeAsString(), before);
}

TEST_F(ContainmentTest, RuleThatForwardsNowhereIsBroken) {
  resource::GatewayRoute route = RouteWithTwoRules();
  route.rules[0].targets[0].weight = 0;
  route.rules[1].targets.clear();
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  ASSERT_EQ(compiled->rules_size(), 2);
  for (const api::Rule& rule : compiled->rules()) {
    EXPECT_THAT(rule.broken(), HasSubstr("no target has a weight above 0"));
  }
}

TEST_F(ContainmentTest, ProblemsAreBounded) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  for (int i = 0; i < 30; ++i) {
    route.rules.push_back(MakeRule("r" + std::to_string(i), "/" + std::to_string(i)));
    route.rules.back().targets = {ToService("missing")};
  }
  Put(route);
  Compile();
  EXPECT_EQ(VerdictOn("GatewayRoute", "market/quotes")->problems.size(), 16u);
  EXPECT_THAT(RouteCondition("market/quotes", "ResolvedRefs"), HasSubstr("and 21 more)"));
}

}  // namespace
}  // namespace tollgate::compile
