// Several installations share a cluster; each serves its own objects and leaves the others' alone.
#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

class InstallationTest : public CompilerTest {
 protected:
  InstallationTest() { PutSurroundings(); }

  void PutRouteOf(std::optional<std::string> installation) {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.installation = std::move(installation);
    Put(route);
  }
};

TEST_F(InstallationTest, ServesWhatNamesIt) {
  options_ = {
      .installation = "edge", .default_installation = false, .open_hosts = false, .secrets_denied_in = {}};
  PutRouteOf("edge");
  Compile();
  EXPECT_TRUE(RouteNamed("market/quotes"));
  EXPECT_EQ(compiled_.snapshot.installation(), "edge");
}

TEST_F(InstallationTest, LeavesWhatNamesAnotherWithoutAVerdict) {
  PutRouteOf("edge");
  Compile();
  EXPECT_FALSE(RouteNamed("market/quotes"));
  EXPECT_EQ(VerdictOn("GatewayRoute", "market/quotes"), nullptr);
}

TEST_F(InstallationTest, DefaultOneServesWhatNamesNone) {
  PutRouteOf(std::nullopt);
  Compile();
  EXPECT_TRUE(RouteNamed("market/quotes"));
  EXPECT_TRUE(PlanNamed("market/gold"));

  options_.default_installation = false;
  Compile();
  EXPECT_FALSE(RouteNamed("market/quotes"));
  EXPECT_FALSE(PlanNamed("market/gold"));
  EXPECT_TRUE(compiled_.verdicts.empty());
}

TEST_F(InstallationTest, ConsumersOfAnothersPlanAreLeftAlone) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.installation = "edge";
  Put(plan);
  Compile();
  EXPECT_FALSE(ConsumerNamed("market/gold/alice"));
}

}  // namespace
}  // namespace tollgate::compile
