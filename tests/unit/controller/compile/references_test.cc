// A reference that leads nowhere refuses; it never opens.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReferencesTest : public CompilerTest {
 protected:
  ReferencesTest() { PutSurroundings(); }

  void PutRouteTo(std::vector<resource::Target> targets) {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.rules[0].targets = std::move(targets);
    Put(route);
  }
  std::string ResolvedRefs() const { return RouteCondition("market/quotes", "ResolvedRefs"); }
};

TEST_F(ReferencesTest, MissingPlanIsLeftOutAndNamed) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.plans = {"silver", "gold"};
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  EXPECT_THAT(compiled->plans(), ElementsAre("market/gold"));
  EXPECT_EQ(ResolvedRefs(),
            "ResolvedRefs=False/RefNotFound: spec.plans[0]: ApiPlan market/silver does not exist: create it, "
            "or name"
            " another plan");
}

TEST_F(ReferencesTest, RouteWhosePlansAreAllMissingRefusesEveryone) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.plans = {"silver"};
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  EXPECT_EQ(compiled->access(), api::ACCESS_PLANS);
  EXPECT_EQ(compiled->plans_size(), 0);
}

TEST_F(ReferencesTest, AnotherInstallationsPlanIsMissing) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.installation = "elsewhere";
  Put(plan);
  Put(MakeRoute("market/quotes"));
  Compile();
  EXPECT_EQ(RouteNamed("market/quotes")->plans_size(), 0);
  EXPECT_THAT(ResolvedRefs(), AllOf(StartsWith("ResolvedRefs=False/RefNotFound: spec.plans[0]"),
                                    HasSubstr("another installation")));
}

TEST_F(ReferencesTest, PlansAreOfTheRoutesOwnNamespace) {
  Put(MakePlan("rival/platinum"));
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.plans = {"platinum"};
  Put(route);
  Compile();
  EXPECT_EQ(RouteNamed("market/quotes")->plans_size(), 0);
}

TEST_F(ReferencesTest, PlansKeepTheOrderInWhichTheyAreTried) {
  Put(MakePlan("market/free"));
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.plans = {"gold", "free", "gold"};
  Put(route);
  Compile();
  EXPECT_THAT(RouteNamed("market/quotes")->plans(), ElementsAre("market/gold", "market/free"));
}

TEST_F(ReferencesTest, BrokenPlanResolvesAndIsMentioned) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.mistakes = {{"spec.rateLimits[0].per", "is no duration: write one such as 1h"}};
  Put(plan);
  Put(MakeRoute("market/quotes"));
  Compile();
  EXPECT_THAT(RouteNamed("market/quotes")->plans(), ElementsAre("market/gold"));
  EXPECT_THAT(ResolvedRefs(),
              StartsWith("ResolvedRefs=True/ResolvedRefs: spec.plans[0]: ApiPlan market/gold admits nobody"));
}

TEST_F(ReferencesTest, MissingServiceBreaksTheRule) {
  PutRouteTo({ToService("missing")});
  Compile();
  EXPECT_EQ(
      ResolvedRefs(),
      "ResolvedRefs=False/RefNotFound: spec.rules[0].upstream.targets[0].serviceRef: Service market/missing"
      " does not exist: create it, or name another Service");
  const auto compiled = RouteNamed("market/quotes");
  EXPECT_THAT(compiled->rules(0).broken(), HasSubstr("Service market/missing does not exist"));
  EXPECT_EQ(compiled->rules(0).matches(0).path().value(), "/v1");
  EXPECT_THAT(RouteCondition("market/quotes", "Accepted"), StartsWith("Accepted=True"));
  EXPECT_EQ(VerdictOn("GatewayRoute", "market/quotes")->problems[0].rule, "all");
}

TEST_F(ReferencesTest, MissingPortNamesThePortsThereAre) {
  PutRouteTo({ToService("quotes", "grpc")});
  Compile();
  EXPECT_THAT(ResolvedRefs(),
              HasSubstr("Service market/quotes has no port named \"grpc\": name one of its ports"
                        " (80 \"http\")"));
  PutRouteTo({ToService("quotes", 81)});
  Compile();
  EXPECT_THAT(ResolvedRefs(), HasSubstr("Service market/quotes has no port 81: "));
}

TEST_F(ReferencesTest, ServicesAreOfTheRoutesOwnNamespace) {
  Put(MakeService("rival/secrets"));
  PutRouteTo({ToService("secrets")});
  Compile();
  EXPECT_THAT(ResolvedRefs(), HasSubstr("Service market/secrets does not exist"));
}

TEST_F(ReferencesTest, OneMissingTargetBreaksTheWholeRule) {
  PutRouteTo({ToService("quotes"), ToService("missing")});
  Compile();
  EXPECT_NE(RouteNamed("market/quotes")->rules(0).broken(), "");
  EXPECT_EQ(RouteNamed("market/quotes")->rules(0).targets_size(), 0);
  EXPECT_FALSE(UpstreamNamed("market/quotes:http")) << "nothing forwards to it";
}

TEST_F(ReferencesTest, ExternalNameIsRefused) {
  resource::Service service = MakeService("market/quotes");
  service.is_external_name = true;
  Put(service);
  Put(MakeRoute("market/quotes"));
  Compile();
  EXPECT_THAT(ResolvedRefs(),
              AllOf(StartsWith("ResolvedRefs=False/RefNotPermitted: "), HasSubstr("type ExternalName")));
  EXPECT_NE(RouteNamed("market/quotes")->rules(0).broken(), "");
}

TEST_F(ReferencesTest, ServiceWithoutEndpointsResolvesWithAWarning) {
  Put(MakeSlice("market/quotes-1", "quotes", {}));
  Put(MakeRoute("market/quotes"));
  Compile();
  EXPECT_THAT(ResolvedRefs(),
              AllOf(StartsWith("ResolvedRefs=True/NoEndpoints: "), HasSubstr("market/quotes:http")));
  EXPECT_EQ(RouteNamed("market/quotes")->rules(0).broken(), "");
  ASSERT_TRUE(UpstreamNamed("market/quotes:http"));
  EXPECT_EQ(UpstreamNamed("market/quotes:http")->endpoints_size(), 0);
}

TEST_F(ReferencesTest, PlansThatARouteNamesCountIt) {
  Put(MakeRoute("market/a"));
  Put(MakeRoute("market/b"));
  Put(MakePlan("market/free"));
  resource::GatewayRoute refused = MakeRoute("market/refused");
  refused.mistakes = {{"spec.access", "is neither Plans nor Public: write one of them"}};
  Put(refused);
  Compile();
  EXPECT_EQ(VerdictOn("ApiPlan", "market/gold")->attached_routes, 2u);
  EXPECT_EQ(VerdictOn("ApiPlan", "market/free")->attached_routes, 0u);
}

}  // namespace
}  // namespace tollgate::compile
