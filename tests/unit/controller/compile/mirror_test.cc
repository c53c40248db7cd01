// Where copies of requests go. Without its mirror a rule serves all the same.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::StartsWith;

class MirrorTest : public CompilerTest {
 protected:
  MirrorTest() {
    PutSurroundings();
    Put(MakeService("market/next"));
  }
  api::Rule Compiled(const resource::Mirror& mirror) {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.rules[0].mirror = mirror;
    Put(route);
    Compile();
    return RouteNamed("market/quotes")->rules(0);
  }
};

TEST_F(MirrorTest, WithoutOneNothingIsCopied) {
  Put(MakeRoute("market/quotes"));
  Compile();
  EXPECT_FALSE(RouteNamed("market/quotes")->rules(0).has_mirror());
}

TEST_F(MirrorTest, AllRequestsAreCopiedUnlessAShareIsGiven) {
  const api::Rule rule = Compiled({{"next", "http"}, {}});
  EXPECT_EQ(rule.mirror().target().upstream(), "market/next:http");
  EXPECT_EQ(rule.mirror().percent(), 100U);
  EXPECT_TRUE(UpstreamNamed("market/next:http").has_value());
  EXPECT_EQ(Compiled({{"next", "http"}, 1}).mirror().percent(), 1U);
}

TEST_F(MirrorTest, AMissingServiceIsReportedAndTheRuleServes) {
  const api::Rule rule = Compiled({{"gone", "http"}, {}});
  EXPECT_FALSE(rule.has_mirror());
  EXPECT_EQ(rule.broken(), "");
  EXPECT_EQ(rule.targets_size(), 1);
  EXPECT_THAT(RouteCondition("market/quotes", "ResolvedRefs"),
              StartsWith("ResolvedRefs=False/RefNotFound: spec.rules[0].upstream.mirror.serviceRef: Service "
                         "market/gone does not exist"));
}

}  // namespace
}  // namespace tollgate::compile
