// Targets outside the cluster: an upstream by its name, which is the proxies' to look up.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::StartsWith;

class TargetUrlTest : public CompilerTest {
 protected:
  TargetUrlTest() { PutSurroundings(); }

  static resource::Target To(const resource::TargetUrl& url) {
    resource::Target target;
    target.url = url;
    if (url.secure) target.protocol = resource::Protocol::kHttps;
    return target;
  }
  api::Target Compiled(const resource::Target& target) {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.rules[0].targets = {target};
    Put(route);
    Compile();
    EXPECT_THAT(RouteCondition("market/quotes", "ResolvedRefs"), StartsWith("ResolvedRefs=True"));
    return RouteNamed("market/quotes")->rules(0).targets(0);
  }
};

TEST_F(TargetUrlTest, ItsUpstreamHasTheNameAsItsOnlyEndpoint) {
  const api::Target target = Compiled(To({false, "legacy.example", 8080}));
  EXPECT_EQ(target.upstream(), "http://legacy.example:8080");
  const std::optional<api::Upstream> upstream = UpstreamNamed(target.upstream());
  ASSERT_TRUE(upstream.has_value());
  ASSERT_EQ(upstream->endpoints_size(), 1);
  EXPECT_EQ(upstream->endpoints(0).address(), "legacy.example");
  EXPECT_EQ(upstream->endpoints(0).port(), 8080U);
  EXPECT_FALSE(target.has_tls());
}

TEST_F(TargetUrlTest, ItIsAskedForAsItself) {
  EXPECT_EQ(Compiled(To({true, "legacy.example", 443})).rewrite_host(), "legacy.example");
  EXPECT_EQ(Compiled(To({true, "legacy.example", 8443})).rewrite_host(), "legacy.example:8443");
  resource::Target target = To({false, "legacy.example", 80});
  target.rewrite_host = {resource::HostRewrite::Type::kOriginal, ""};
  EXPECT_EQ(Compiled(target).rewrite_host(), "");
  target.rewrite_host = {resource::HostRewrite::Type::kName, "other.example"};
  EXPECT_EQ(Compiled(target).rewrite_host(), "other.example");
}

TEST_F(TargetUrlTest, ItProvesItsNameToTheSystemsAuthoritiesUnlessItSaysOtherwise) {
  api::Target compiled = Compiled(To({true, "legacy.example", 8443}));
  ASSERT_TRUE(compiled.has_tls());
  EXPECT_EQ(compiled.tls().server_name(), "legacy.example");
  EXPECT_EQ(compiled.tls().authorities(), "");
  resource::Target target = To({true, "legacy.example", 443});
  target.tls.server_name = "other.example";
  EXPECT_EQ(Compiled(target).tls().server_name(), "other.example");
}

}  // namespace
}  // namespace tollgate::compile
