// The security block of a route, and the Secrets that it names.
#include "controller/resource/security.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kRules[] = "  access: Public\n  rules: [{name: all, type: Respond, respond: {}}]\n";

TEST(Security, IsReadAsItIsWritten) {
  const GatewayRoute route = RouteWith(std::string(kRules) + R"(  security:
    allowCIDRs: [10.1.2.3/8]
    denyCIDRs: ["2001:db8::/32", 192.0.2.7]
    denyPatterns: ["/a.*"]
    edgeToken: {header: X-Edge-Token, secretRef: {name: edge, key: token}}
    headers: {hsts: 8760h, noSniff: true, frameOptions: Deny}
)");
  ASSERT_TRUE(route.mistakes.empty());
  ASSERT_TRUE(route.security);
  EXPECT_THAT(route.security->allow_cidrs, ElementsAre(*Cidr::Parse("10.0.0.0/8")));
  EXPECT_THAT(route.security->deny_cidrs,
              ElementsAre(*Cidr::Parse("2001:db8::/32"), *Cidr::Parse("192.0.2.7/32")));
  EXPECT_THAT(route.security->deny_patterns, ElementsAre("/a.*"));
  EXPECT_EQ(route.security->edge_token, (EdgeToken{"X-Edge-Token", "edge", "token"}));
  EXPECT_EQ(route.security->headers, (SecurityHeaders{hours(8760), true, FrameOptions::kDeny}));
}

TEST(Security, AbsentStaysAbsent) {
  EXPECT_FALSE(RouteWith(kRules).security);
  EXPECT_EQ(RouteWith(std::string(kRules) + "  security: {}\n").security, Security());
}

OpaqueSecret OpaqueWith(const std::string& type) {
  return ParseOne<OpaqueSecret>(
      "apiVersion: v1\nkind: Secret\n" + type +
      "metadata: {name: edge, namespace: market}\n"
      "data: {encoded: c2VjcmV0}\n"
      "stringData: {plain: secret, line: \"secret\\r\\n\", empty: \"\", end: \"\\n\"}\n");
}

TEST(OpaqueSecret, IsKnownByItsDigests) {
  const Sha256Digest digest = Sha256("secret");
  for (const char* type : {"type: Opaque\n", ""}) {
    const OpaqueSecret secret = OpaqueWith(type);
    EXPECT_THAT(secret.digests,
                ElementsAre(Pair("encoded", digest), Pair("line", digest), Pair("plain", digest)));
    EXPECT_TRUE(secret.mistakes.empty());
  }
}

}  // namespace
}  // namespace tollgate::resource
