// A host, and everything under its wildcard, belongs to the namespace of the oldest object.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class HostClaimsTest : public CompilerTest {
 protected:
  HostClaimsTest() {
    PutSurroundings("market");
    PutSurroundings("rival");
  }
  void PutRoute(const std::string& name, int64_t created, std::vector<std::string> hosts) {
    resource::GatewayRoute route = MakeRoute(name, created);
    route.hosts = std::move(hosts);
    Put(route);
  }
  std::vector<std::string> HostsOf(const std::string& name) const {
    const auto route = RouteNamed(name);
    if (!route) return {};
    return {route->hosts().begin(), route->hosts().end()};
  }
};

TEST_F(HostClaimsTest, OldestObjectsNamespaceHoldsTheHost) {
  PutRoute("market/quotes", 200, {"api.example.com"});
  PutRoute("rival/quotes", 100, {"api.example.com"});
  Compile();
  EXPECT_THAT(HostsOf("rival/quotes"), ElementsAre("api.example.com"));
  EXPECT_FALSE(RouteNamed("market/quotes"));
  EXPECT_THAT(VerdictOn("GatewayRoute", "market/quotes")->hosts, IsEmpty());
}

TEST_F(HostClaimsTest, LosersConditionNamesHostAndOwner) {
  PutRoute("market/quotes", 100, {"api.example.com"});
  PutRoute("rival/quotes", 200, {"api.example.com"});
  Compile();
  const std::string accepted = RouteCondition("rival/quotes", "Accepted");
  EXPECT_THAT(accepted,
              StartsWith("Accepted=False/HostClaimed: spec.hosts: api.example.com belongs to namespace"
                         " market"));
}

TEST_F(HostClaimsTest, EqualAgeIsDecidedByName) {
  PutRoute("rival/a", 0, {"api.example.com"});
  PutRoute("market/z", 0, {"api.example.com"});
  Compile();
  EXPECT_THAT(HostsOf("market/z"), ElementsAre("api.example.com"));
  EXPECT_THAT(RouteCondition("rival/a", "Accepted"), HasSubstr("HostClaimed"));
}

TEST_F(HostClaimsTest, RoutesOfOneNamespaceShareAHost) {
  PutRoute("market/a", 100, {"api.example.com"});
  PutRoute("market/b", 200, {"api.example.com", "*.example.com"});
  Compile();
  EXPECT_THAT(HostsOf("market/a"), ElementsAre("api.example.com"));
  EXPECT_THAT(HostsOf("market/b"), ElementsAre("*.example.com", "api.example.com"));
}

TEST_F(HostClaimsTest, HostsUnderAWildcardBelongToItsNamespace) {
  PutRoute("market/quotes", 100, {"*.example.com"});
  PutRoute("rival/exact", 200, {"a.b.example.com"});
  PutRoute("rival/narrower", 200, {"*.b.example.com"});
  Compile();
  EXPECT_THAT(RouteCondition("rival/exact", "Accepted"),
              HasSubstr("a.b.example.com overlaps *.example.com, which belongs to namespace market"));
  EXPECT_THAT(RouteCondition("rival/narrower", "Accepted"), HasSubstr("HostClaimed"));
}

TEST_F(HostClaimsTest, WildcardDoesNotCoverTheNameItStandsUnder) {
  PutRoute("market/quotes", 100, {"*.example.com"});
  PutRoute("rival/apex", 200, {"example.com"});
  PutRoute("rival/likeness", 200, {"badexample.com"});
  Compile();
  EXPECT_THAT(HostsOf("rival/apex"), ElementsAre("example.com"));
  EXPECT_THAT(HostsOf("rival/likeness"), ElementsAre("badexample.com"));
}

TEST_F(HostClaimsTest, WildcardOverAnothersHostIsRefused) {
  PutRoute("market/quotes", 100, {"api.example.com"});
  PutRoute("rival/wide", 200, {"*.example.com"});
  Compile();
  EXPECT_THAT(RouteCondition("rival/wide", "Accepted"),
              HasSubstr("*.example.com overlaps api.example.com, which belongs to namespace market"));
  EXPECT_FALSE(RouteNamed("rival/wide"));
}

TEST_F(HostClaimsTest, WildcardBesideAnothersHostIsHeld) {
  PutRoute("market/quotes", 100, {"example.com", "badexample.com"});
  PutRoute("rival/wide", 200, {"*.example.com"});
  Compile();
  EXPECT_THAT(HostsOf("rival/wide"), ElementsAre("*.example.com"));
}

TEST_F(HostClaimsTest, RouteServesTheHostsThatItHoldsAndSaysWhatItLost) {
  PutRoute("market/quotes", 100, {"api.example.com"});
  PutRoute("rival/both", 200, {"api.example.com", "api.rival.com"});
  Compile();
  EXPECT_THAT(HostsOf("rival/both"), ElementsAre("api.rival.com"));
  EXPECT_THAT(RouteCondition("rival/both", "Accepted"), StartsWith("Accepted=True/Accepted"));
  EXPECT_THAT(RouteCondition("rival/both", "PartiallyInvalid"),
              StartsWith("PartiallyInvalid=True/HostClaimed: spec.hosts: api.example.com"));
}

TEST_F(HostClaimsTest, BrokenRouteKeepsItsHosts) {
  resource::GatewayRoute broken = MakeRoute("market/quotes", 100);
  broken.mistakes = {{"spec.access", "is neither Plans nor Public: write one of them"}};
  Put(broken);
  PutRoute("rival/quotes", 200, {"api.example.com"});
  Compile();
  EXPECT_THAT(HostsOf("market/quotes"), ElementsAre("api.example.com"));
  EXPECT_FALSE(RouteNamed("rival/quotes"));
}

TEST_F(HostClaimsTest, AnotherInstallationsRouteClaimsNothing) {
  resource::GatewayRoute foreign = MakeRoute("rival/quotes", 1);
  foreign.installation = "elsewhere";
  Put(foreign);
  PutRoute("market/quotes", 100, {"api.example.com"});
  Compile();
  EXPECT_THAT(HostsOf("market/quotes"), ElementsAre("api.example.com"));
}

TEST_F(HostClaimsTest, CaseDoesNotMakeAnotherHost) {
  PutRoute("market/quotes", 100, {"API.example.com"});
  PutRoute("rival/quotes", 200, {"api.example.com"});
  Compile();
  EXPECT_THAT(HostsOf("market/quotes"), ElementsAre("api.example.com"));
  EXPECT_FALSE(RouteNamed("rival/quotes"));
}

TEST_F(HostClaimsTest, OpenHostsDropTheRule) {
  options_.open_hosts = true;
  PutRoute("market/quotes", 100, {"api.example.com"});
  PutRoute("rival/quotes", 200, {"api.example.com"});
  Compile();
  EXPECT_TRUE(RouteNamed("market/quotes"));
  EXPECT_TRUE(RouteNamed("rival/quotes"));
}

TEST_F(HostClaimsTest, RouteWithoutHostsNeedsOpenHosts) {
  PutRoute("market/quotes", 100, {});
  Compile();
  EXPECT_THAT(
      RouteCondition("market/quotes", "Accepted"),
      ::testing::AllOf(StartsWith("Accepted=False/Invalid: spec.hosts: "), HasSubstr("--host-policy=Open")));
  EXPECT_FALSE(RouteNamed("market/quotes"));

  options_.open_hosts = true;
  Compile();
  EXPECT_TRUE(RouteNamed("market/quotes"));
  EXPECT_THAT(HostsOf("market/quotes"), IsEmpty());
}

}  // namespace
}  // namespace tollgate::compile
