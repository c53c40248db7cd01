// What a route lets in, and what goes with its answers.
#include "proxy/guard/guard_table.h"

#include <gmock/gmock.h>

#include "api/base/digest.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::guard {
namespace {

using exchange::Problem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GuardTableTest : public testing::Test {
 protected:
  GuardTableTest() {
    kit::AddRule(snapshot_.Route("m/open"), "all");
    api::Route& route = snapshot_.Route("m/guarded");
    kit::AddRule(route, "all");
    security_ = route.mutable_security();
  }

  api::Security& security() { return *security_; }

  void SetToken(const std::string& token) {
    security().mutable_edge_token()->set_header("x-edge-token");
    security().mutable_edge_token()->set_digest(std::string(AsBytes(Sha256(token))));
  }

  // The slug of the refusal, with its reason; empty where the request is let in.
  std::string Ask(const std::string& peer, const std::string& target = "/", const std::string& lines = "",
                  const exchange::Transport& transport = exchange::kPlainTransport,
                  const std::string& route = "m/guarded") {
    const auto catalog = snapshot_.Build();
    const GuardTable table(*catalog);
    kit::TestExchange x("GET", target, "Host: a.example\r\n" + lines, 1, peer, transport);
    const snapshot::RuleEntry& rule = FirstRuleOf(*catalog, route);
    x->routed = exchange::Routed{&catalog->routes()[rule.route], &rule, 0, nullptr};
    const exchange::Outcome<Done> outcome = table.Admit(*x);
    fields_.clear();
    for (const http::Field& field : x->route_fields) {
      fields_.push_back(std::string(field.name) + ": " + std::string(field.value));
    }
    table.StripTokens(*x->routed, x->fields);
    kept_.clear();
    for (const http::Field& field : x->fields) kept_.emplace_back(field.name);
    if (outcome.ok()) return "";
    detail_ = outcome.error().detail;
    return std::string(exchange::RowOf(outcome.error().problem).slug) + "/" +
           std::string(outcome.error().reason);
  }

  static const snapshot::RuleEntry& FirstRuleOf(const snapshot::Catalog& catalog, const std::string& route) {
    for (const snapshot::RuleEntry& rule : catalog.rules()) {
      if (catalog.routes()[rule.route].name == route) return rule;
    }
    std::abort();
  }

  kit::SnapshotBuilder snapshot_;
  api::Security* security_;
  std::vector<std::string> fields_;
  std::vector<std::string> kept_;  // names of what goes on
  std::string detail_;
};

TEST_F(GuardTableTest, ARouteThatAsksForNothingLetsEverybodyIn) {
  EXPECT_EQ(Ask("192.0.2.7", "/", "", exchange::kPlainTransport, "m/open"), "");
  EXPECT_EQ(Ask("192.0.2.7"), "");
  EXPECT_THAT(fields_, IsEmpty());
}

TEST_F(GuardTableTest, OnlyAddressesOfItsNetworksMayCall) {
  security().add_allow_cidrs("192.0.2.0/24");
  security().add_allow_cidrs("2001:db8::/32");
  EXPECT_EQ(Ask("192.0.2.7"), "");
  EXPECT_EQ(Ask("2001:db8::1"), "");
  EXPECT_EQ(Ask("198.51.100.1"), "address-refused/address");
  EXPECT_EQ(Ask("2001:db9::1"), "address-refused/address");
}

TEST_F(GuardTableTest, DenialsBeatAdmissions) {
  security().add_allow_cidrs("192.0.2.0/24");
  security().add_deny_cidrs("192.0.2.8/29");
  EXPECT_EQ(Ask("192.0.2.7"), "");
  EXPECT_EQ(Ask("192.0.2.9"), "address-refused/address");
  security().clear_allow_cidrs();
  EXPECT_EQ(Ask("192.0.2.9"), "address-refused/address");
  EXPECT_EQ(Ask("198.51.100.1"), "");
}

TEST_F(GuardTableTest, ANetworkThatCannotBeReadRefusesEveryone) {
  security().add_deny_cidrs("192.0.2.0/99");
  EXPECT_EQ(Ask("198.51.100.1"), "address-refused/security-broken");
}

TEST_F(GuardTableTest, TheEdgesTokenLetsIn) {
  SetToken("secret");
  EXPECT_EQ(Ask("192.0.2.7", "/", "X-Edge-Token: secret\r\n"), "");
  EXPECT_THAT(kept_, ElementsAre("Host"));
  EXPECT_EQ(Ask("192.0.2.7", "/", "x-edge-token: a callers own\r\nx-edge-token: secret\r\n"), "");
  EXPECT_THAT(kept_, ElementsAre("Host"));
  EXPECT_EQ(Ask("192.0.2.7", "/", "X-Edge-Token: Secret\r\n"), "address-refused/edge-token");
  EXPECT_EQ(Ask("192.0.2.7", "/", "X-Edge-Token:\r\n"), "address-refused/edge-token");
  EXPECT_EQ(Ask("192.0.2.7"), "address-refused/edge-token");
}

TEST_F(GuardTableTest, TheEdgesTokenIsTakenOutOfOtherRoutesRequestsToo) {
  SetToken("secret");
  const std::string lines = "X-Edge-Token: secret\r\nX-Edge-Token: no token\r\n";
  EXPECT_EQ(Ask("192.0.2.7", "/", lines, exchange::kPlainTransport, "m/open"), "");
  EXPECT_THAT(kept_, ElementsAre("Host", "X-Edge-Token"));
}

TEST_F(GuardTableTest, ATokenThatIsMissingRefusesEveryone) {
  security().mutable_edge_token()->set_header("x-edge-token");
  EXPECT_EQ(Ask("192.0.2.7", "/", "X-Edge-Token:\r\n"), "address-refused/security-broken");
  SetToken("secret");
  security().set_broken("the Secret is missing");
  EXPECT_EQ(Ask("192.0.2.7", "/", "X-Edge-Token: secret\r\n"), "address-refused/security-broken");
}

TEST_F(GuardTableTest, HiddenPathsSeemToBeNoRoute) {
  security().add_deny_patterns("/(.*/)?\\.git(/.*)?");
  security().mutable_headers()->set_no_sniff(true);
  EXPECT_EQ(Ask("192.0.2.7", "/a/.git/config"), "no-route/deny-pattern");
  EXPECT_EQ(detail_, exchange::NoRoute().detail);
  EXPECT_THAT(fields_, IsEmpty());
  EXPECT_EQ(Ask("192.0.2.7", "/a/%2Egit/config"), "no-route/deny-pattern");
  EXPECT_EQ(Ask("192.0.2.7", "/a/.github"), "");
  security().add_deny_patterns("(");
  EXPECT_EQ(Ask("192.0.2.7", "/a"), "address-refused/security-broken");
}

TEST_F(GuardTableTest, ItsFieldsGoWithRefusalsToo) {
  security().add_deny_cidrs("0.0.0.0/0");
  api::SecurityHeaders& headers = *security().mutable_headers();
  headers.set_no_sniff(true);
  headers.set_frame_options(api::SecurityHeaders::SAME_ORIGIN);
  headers.set_hsts_s(60);
  EXPECT_EQ(Ask("192.0.2.7"), "address-refused/address");
  EXPECT_THAT(fields_, ElementsAre("X-Content-Type-Options: nosniff", "X-Frame-Options: SAMEORIGIN"));
}

TEST_F(GuardTableTest, HttpsIsSpokenOfOverTlsAlone) {
  api::SecurityHeaders& headers = *security().mutable_headers();
  headers.set_frame_options(api::SecurityHeaders::DENY);
  headers.set_hsts_s(31'536'000);
  EXPECT_EQ(Ask("192.0.2.7", "/", "", {true, "a.example"}), "");
  EXPECT_THAT(fields_, ElementsAre("X-Frame-Options: DENY", "Strict-Transport-Security: max-age=31536000"));
  EXPECT_EQ(Ask("192.0.2.7"), "");
  EXPECT_THAT(fields_, ElementsAre("X-Frame-Options: DENY"));
}

}  // namespace
}  // namespace tollgate::guard
