// What grew too large refuses, or does without the rest, by itself: it never holds up the configuration of
// others, which all proxies take whole or not at all.
#include <gmock/gmock.h>

#include "api/snapshot_bounds.h"
#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class BoundsTest : public CompilerTest {
 protected:
  BoundsTest() {
    PutSurroundings("market");
    Put(MakeRoute("market/quotes"));
    PutSurroundings("rival");
    resource::GatewayRoute route = MakeRoute("rival/quotes");
    route.hosts = {"rival.example.com"};
    Put(route);
  }

  // A caller more than market/gold has.
  void GrowRivalsPlan() { Put(MakeSecret("rival/more-keys", "gold", {MakeEntry("bob", {"bob's key"})})); }

  void ExpectResourcesWithinTheirBound() const {
    for (const api::Resource& resource : compiled_.snapshot.resources()) {
      EXPECT_LE(resource.body().size(), api::kResourceBytes) << resource.name();
    }
  }
};

TEST_F(BoundsTest, RouteThatIsTooLargeRefusesItsHostsAndNoOthers) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  for (int i = 0; i < 64; ++i) {
    route.rules.push_back(MakeRule("r" + std::to_string(i), "/" + std::string(60'000, 'a')));
  }
  Put(route);
  Compile();
  const auto compiled = RouteNamed("market/quotes");
  ASSERT_TRUE(compiled);
  EXPECT_EQ(compiled->hosts(0), "api.example.com");
  EXPECT_EQ(compiled->access(), api::ACCESS_UNSPECIFIED);
  EXPECT_EQ(compiled->plans_size(), 0);
  EXPECT_EQ(compiled->rules_size(), 0);
  EXPECT_THAT(compiled->broken(), StartsWith("spec.rules: take "));
  EXPECT_THAT(
      RouteCondition("market/quotes", "Accepted"),
      AllOf(StartsWith("Accepted=False/Invalid: spec.rules: take "), HasSubstr("more than the 3145728"),
            HasSubstr("divide them among several GatewayRoutes")));
  EXPECT_EQ(RouteNamed("rival/quotes")->broken(), "");
  ExpectResourcesWithinTheirBound();
}

TEST_F(BoundsTest, OfTooManyEndpointsTheFirstAreUsedAndTheRouteSaysSo) {
  std::vector<resource::SliceEndpoint> endpoints;
  for (int i = 10'000; i < 30'001; ++i) endpoints.push_back(At("fd00:1:2:3:4:5:6:" + std::to_string(i)));
  Put(MakeSlice("market/quotes-1", "quotes", endpoints));
  Compile();
  EXPECT_EQ(UpstreamNamed("market/quotes:http")->endpoints_size(), 20'000);
  EXPECT_EQ(RouteCondition("market/quotes", "ResolvedRefs"),
            "ResolvedRefs=True/ResolvedRefs: spec.rules[0].upstream.targets[0].serviceRef: Service "
            "market/quotes:http has 20001 endpoints, of which the first 20000 are sent requests: divide its "
            "pods among several Services");
  EXPECT_THAT(RouteCondition("rival/quotes", "ResolvedRefs"), HasSubstr("Every reference is resolved"));
  ExpectResourcesWithinTheirBound();
}

TEST_F(BoundsTest, PlanWithTooManyCallersAdmitsNobodyAndOthersServe) {
  GrowRivalsPlan();
  options_.consumer_bounds.consumers = 2;
  Compile();
  EXPECT_FALSE(ConsumerNamed("rival/gold/alice"));
  EXPECT_FALSE(ConsumerNamed("rival/gold/bob"));
  EXPECT_THAT(PlanNamed("rival/gold")->broken(), HasSubstr("nobody is admitted"));
  EXPECT_THAT(PlanCondition("rival/gold", "Accepted"),
              AllOf(StartsWith("Accepted=False/Invalid: The plan is refused: its 2 consumers take "),
                    HasSubstr("those of all plans together may be 2 and"),
                    HasSubstr("divide the plans among several installations")));
  EXPECT_THAT(RouteCondition("rival/quotes", "ResolvedRefs"), HasSubstr("ApiPlan rival/gold admits nobody"));
  EXPECT_TRUE(ConsumerNamed("market/gold/alice"));
  EXPECT_EQ(PlanNamed("market/gold")->broken(), "");
}

TEST_F(BoundsTest, BytesOfCallersCountAsTheirNumberDoes) {
  GrowRivalsPlan();
  Compile();
  size_t bytes = 0;
  for (const api::Resource& resource : compiled_.snapshot.resources()) {
    if (resource.kind() == api::CONSUMER) bytes += resource.ByteSizeLong();
  }
  options_.consumer_bounds.bytes = bytes;
  Compile();
  EXPECT_TRUE(ConsumerNamed("rival/gold/alice"));
  options_.consumer_bounds.bytes = bytes - 1;
  Compile();
  EXPECT_FALSE(ConsumerNamed("rival/gold/alice"));
  EXPECT_TRUE(ConsumerNamed("market/gold/alice"));
}

TEST_F(BoundsTest, NoConsumersFitWhereNoneMay) {
  options_.consumer_bounds.consumers = 0;
  Compile();
  EXPECT_FALSE(ConsumerNamed("market/gold/alice"));
  EXPECT_FALSE(ConsumerNamed("rival/gold/alice"));
}

}  // namespace
}  // namespace tollgate::compile
