// What a route asks for before its caller is known: handed on whole, or refusing everyone.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SecurityTest : public CompilerTest {
 protected:
  SecurityTest() { PutSurroundings(); }
  static resource::OpaqueSecret Secret(const std::string& name, const std::string& key) {
    resource::OpaqueSecret secret;
    secret.meta = Meta(name);
    secret.digests[key] = Sha256("secret");
    return secret;
  }
  void PutRoute(resource::Security security) {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.security = std::move(security);
    Put(route);
  }
  api::Security CompileRoute() {
    Compile();
    return RouteNamed("market/quotes")->security();
  }
  std::string ResolvedRefs() const { return RouteCondition("market/quotes", "ResolvedRefs"); }

  static resource::Security AskingForToken() {
    resource::Security security;
    security.edge_token = resource::EdgeToken{"X-Edge-Token", "edge", "token"};
    return security;
  }
};

TEST_F(SecurityTest, ItIsHandedOnInItsCanonicalForm) {
  resource::Security security;
  security.allow_cidrs = {*Cidr::Parse("10.1.2.3/8"), *Cidr::Parse("::1")};
  security.deny_cidrs = {*Cidr::Parse("10.0.0.0/31")};
  security.deny_patterns = {"/private/.*"};
  security.headers = {std::chrono::milliseconds(90'500), true, resource::FrameOptions::kSameOrigin};
  PutRoute(security);
  const api::Security compiled = CompileRoute();
  EXPECT_THAT(compiled.allow_cidrs(), ElementsAre("10.0.0.0/8", "::1/128"));
  EXPECT_THAT(compiled.deny_cidrs(), ElementsAre("10.0.0.0/31"));
  EXPECT_THAT(compiled.deny_patterns(), ElementsAre("/private/.*"));
  EXPECT_EQ(compiled.headers().hsts_s(), 90U);
  EXPECT_TRUE(compiled.headers().no_sniff());
  EXPECT_EQ(compiled.headers().frame_options(), api::SecurityHeaders::SAME_ORIGIN);
  EXPECT_EQ(compiled.broken(), "");
  EXPECT_FALSE(compiled.has_edge_token());
}

TEST_F(SecurityTest, ARouteWithoutItHasNone) {
  Put(MakeRoute("market/quotes"));
  Compile();
  EXPECT_FALSE(RouteNamed("market/quotes")->has_security());
}

TEST_F(SecurityTest, OfATokenItsDigestLeaves) {
  Put(Secret("market/edge", "token"));
  PutRoute(AskingForToken());
  const api::Security compiled = CompileRoute();
  EXPECT_EQ(compiled.edge_token().header(), "x-edge-token");
  EXPECT_EQ(compiled.edge_token().digest(), AsBytes(Sha256("secret")));
  EXPECT_EQ(compiled.broken(), "");
  EXPECT_THAT(ResolvedRefs(), StartsWith("ResolvedRefs=True/ResolvedRefs"));
}

TEST_F(SecurityTest, ATokenThatIsMissingRefusesEveryoneAndIsNamed) {
  PutRoute(AskingForToken());
  Put(Secret("other/edge", "token"));
  EXPECT_THAT(CompileRoute().broken(), HasSubstr("Secret market/edge of type Opaque does not exist"));
  EXPECT_THAT(ResolvedRefs(),
              StartsWith("ResolvedRefs=False/RefNotFound: spec.security.edgeToken.secretRef: Secret "
                         "market/edge of type Opaque does not exist, so everyone is refused: "));
  Put(Secret("market/edge", "password"));
  EXPECT_THAT(CompileRoute().broken(), HasSubstr("has nothing under \"token\""));
  EXPECT_THAT(ResolvedRefs(),
              HasSubstr("spec.security.edgeToken.secretRef.key: Secret market/edge has nothing under"));
  EXPECT_THAT(RouteCondition("market/quotes", "Accepted"), StartsWith("Accepted=True"));
}

TEST_F(SecurityTest, SecretsThatAreNotReadAreTheReason) {
  options_.secret_namespaces = {{"elsewhere"}};
  PutRoute(AskingForToken());
  EXPECT_NE(CompileRoute().broken(), "");
  EXPECT_THAT(ResolvedRefs(), HasSubstr("SecretAccessDenied"));
}

TEST_F(SecurityTest, APatternThatProxiesCannotHoldRefusesTheRoute) {
  options_.most_regexes = 1;
  resource::Security security;
  security.deny_patterns = {"/a", "/b"};
  PutRoute(security);
  Compile();
  EXPECT_THAT(
      RouteCondition("market/quotes", "Accepted"),
      StartsWith("Accepted=False/Invalid: spec.security.denyPatterns[1]: is one more regular expression"));
  EXPECT_NE(RouteNamed("market/quotes")->broken(), "");
}

}  // namespace
}  // namespace tollgate::compile
