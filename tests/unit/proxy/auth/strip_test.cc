// What of a request never goes further than the gateway.
#include "proxy/auth/credential_stripper.h"
#include "tests/unit/proxy/auth/auth_fixture.h"

namespace tollgate::auth {
namespace {

using kit::InCookie;
using kit::InHeader;
using kit::InQuery;

class StripTest : public AuthFixture {
 protected:
  // The fields that are left, and the query behind "?".
  std::string Strip(std::string_view lines, std::string_view query = {}) {
    const exchange::Routed& routed = Routed();
    const kit::Request request("GET", "/", lines);
    exchange::Arena arena;
    http::Fields fields;
    const CredentialStripper stripper(*catalog_, authenticator_->keys());
    const std::string_view left = stripper.Strip(routed, request.fields(), query, arena, fields);
    for (const http::Field& field : fields) EXPECT_EQ(field.known, http::Classify(field.name));
    return kit::ToText(fields) + "?" + std::string(left);
  }
};

TEST_F(StripTest, NothingIsTakenWhereNothingIsSecret) {
  builder_.Plan("a/gold");
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Strip("Host: a\r\nCookie: a=b;c\r\nX-Own: 1\r\n", "a=b&&c"),
            "Host: a\nCookie: a=b;c\nX-Own: 1\n?a=b&&c");
}

TEST_F(StripTest, HeaderIsTakenEverywhere) {
  builder_.Plan("a/gold", {InHeader("x-api-key")});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Strip("X-Api-Key: one\r\nHost: a\r\nx-api-KEY: two\r\n"), "Host: a\n?");
}

TEST_F(StripTest, ParameterIsTakenEverywhere) {
  builder_.Plan("a/gold", {InQuery("key")});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Strip("", "key=1"), "?");
  EXPECT_EQ(Strip("", "a=b&key=1"), "?a=b");
  EXPECT_EQ(Strip("", "key=1&a=b"), "?a=b");
  EXPECT_EQ(Strip("", "a=b&key=1&c=d&key=2&key&e"), "?a=b&c=d&e");
  EXPECT_EQ(Strip("", "%6bey=1&k%65y=2&a=b"), "?a=b") << "encoded names are the same names";
  EXPECT_EQ(Strip("", "keys=1&akey=2&Key=3&a=key"), "?keys=1&akey=2&Key=3&a=key");
  EXPECT_EQ(Strip("", "a=%2f&key=1&b=%"), "?a=%2f&b=%") << "what stays, stays as it came";
}

TEST_F(StripTest, CookieIsTakenOutOfItsNeighbours) {
  builder_.Plan("a/gold", {InCookie("key")});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Strip("Cookie: key=1\r\nHost: a\r\n"), "Host: a\n?");
  EXPECT_EQ(Strip("Cookie: a=b; key=1; c=d\r\n"), "Cookie: a=b; c=d\n?");
  EXPECT_EQ(Strip("Cookie: key=1;a=b;key=2;c=d;e\r\n"), "Cookie: a=b; c=d; e\n?");
  EXPECT_EQ(Strip("Cookie: key=1; key=2\r\nCookie: a=b\r\nCookie: key\r\n"), "Cookie: a=b\n?");
  EXPECT_EQ(Strip("Cookie: keys=1; akey=2\r\n"), "Cookie: keys=1; akey=2\n?");
}

TEST_F(StripTest, OnlyCookieFieldsHoldCookies) {
  builder_.Plan("a/gold", {InCookie("key"), InHeader("x-key")});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Strip("X-Own: key=1; a=b\r\nCookie: x-key=1; a=b\r\n"),
            "X-Own: key=1; a=b\nCookie: x-key=1; a=b\n?");
}

TEST_F(StripTest, EveryPlaceOfEveryPlanIsTaken) {
  builder_.Plan("a/gold", {InHeader("x-api-key"), InQuery("key")});
  builder_.Plan("a/free", {InCookie("key"), InHeader("authorization"), InQuery("token")});
  GuardedRoute({"a/gold", "a/free"});
  EXPECT_EQ(
      Strip("X-Api-Key: 1\r\nAuthorization: 2\r\nCookie: key=3; a=b\r\nHost: a\r\n", "token=1&key=2&c=d"),
      "Cookie: a=b\nHost: a\n?c=d");
}

TEST_F(StripTest, BrokenPlansPlacesAreTakenToo) {
  builder_.Plan("a/gold").set_broken("why");
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Strip("X-Api-Key: 1\r\n"), "?");
}

TEST_F(StripTest, PlanMayForwardItsKeys) {
  builder_.Plan("a/gold", {InHeader("x-api-key"), InQuery("key")}).set_forward_key(true);
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Strip("X-Api-Key: 1\r\n", "key=2"), "X-Api-Key: 1\n?key=2");
}

TEST_F(StripTest, PlanForwardsItsKeysToUpstreamsAlone) {
  builder_.Plan("a/gold", {InHeader("x-api-key"), InQuery("key")}).set_forward_key(true);
  builder_.Consumer("a/gold", "ada", {"adas-key"});
  builder_.Plan("b/gold", {InQuery("token")});
  GuardedRoute({"a/gold"}).mutable_rules(0)->mutable_redirect();
  EXPECT_EQ(Strip("X-Api-Key: 1\r\n", "key=2&a=b&token=adas-key"), "?a=b");
}

TEST_F(StripTest, PlanThatForwardsDoesNotSpeakForAnother) {
  builder_.Plan("a/gold", {InHeader("x-api-key")}).set_forward_key(true);
  builder_.Plan("a/free", {InHeader("x-api-key")});
  GuardedRoute({"a/gold", "a/free"});
  EXPECT_EQ(Strip("X-Api-Key: 1\r\n"), "?");
}

// Plans that are not the route's: of a public route, of another route, of another namespace.
class ForeignKeyTest : public StripTest {
 protected:
  ForeignKeyTest() {
    builder_.Plan("b/gold", {InHeader("authorization"), InQuery("key"), InCookie("key")});
    builder_.Consumer("b/gold", "ada", {kKey});
  }
  static constexpr char kKey[] = "adas%key";
};

TEST_F(ForeignKeyTest, IsTakenOnAPublicRoute) {
  PublicRoute();
  EXPECT_EQ(Strip("Authorization: adas%key\r\nHost: a\r\n"), "Host: a\n?");
  EXPECT_EQ(Strip("Cookie: a=b; key=adas%key; c=d\r\n"), "Cookie: a=b; c=d\n?");
  EXPECT_EQ(Strip("", "a=b&key=adas%25key&c=d"), "?a=b&c=d");
  EXPECT_EQ(Strip("", "%6bey=a%64as%25key"), "?");
}

TEST_F(ForeignKeyTest, IsTakenOnTheRouteOfAnotherPlan) {
  builder_.Plan("a/free", {InHeader("x-api-key")});
  GuardedRoute({"a/free"});
  EXPECT_EQ(Strip("X-Api-Key: 1\r\nAuthorization: adas%key\r\n", "key=adas%25key"), "?");
}

TEST_F(ForeignKeyTest, WhatIsNoKeyStaysForTheUpstream) {
  PublicRoute();
  EXPECT_EQ(Strip("Authorization: Basic YTpi\r\nCookie: key=theirs\r\n", "key=theirs&key&key="),
            "Authorization: Basic YTpi\nCookie: key=theirs\n?key=theirs&key&key=");
}

TEST_F(ForeignKeyTest, StaysWhereNoPlanLooksForKeys) {
  PublicRoute();
  EXPECT_EQ(Strip("X-Own: adas%key\r\nCookie: Key=adas%key\r\n", "own=adas%25key"),
            "X-Own: adas%key\nCookie: Key=adas%key\n?own=adas%25key");
}

TEST_F(ForeignKeyTest, IsTakenWhereverItStandsInARow) {
  PublicRoute();
  EXPECT_EQ(Strip("Authorization: one\r\nauthorization: adas%key\r\nCookie: key=1; key=adas%key\r\n",
                  "key=1&key=adas%25key"),
            "Authorization: one\nCookie: key=1\n?key=1");
}

TEST_F(ForeignKeyTest, IsTakenWhenItNoLongerCounts) {
  builder_.Consumer("b/gold", "past", {"pasts-key"}, kNow - 1);
  builder_.Consumer("b/gold", "held", {"helds-key"}).set_suspended(true);
  PublicRoute();
  EXPECT_EQ(Strip("Authorization: pasts-key\r\nAuthorization: helds-key\r\n"), "?");
}

TEST_F(ForeignKeyTest, IsTakenThoughItsPlanIsBrokenOrForwardsItsKeys) {
  builder_.Plan("b/open", {InHeader("x-open")}).set_forward_key(true);
  builder_.Plan("b/broken", {InHeader("x-broken")}).set_broken("why");
  builder_.Consumer("b/open", "bo", {"bos-key"});
  builder_.Consumer("b/broken", "eve", {"eves-key"});
  PublicRoute();
  EXPECT_EQ(Strip("X-Open: bos-key\r\nX-Broken: eves-key\r\n"), "?");
}

TEST_F(ForeignKeyTest, DoesNotTakeWhatTheRoutesOwnPlanForwards) {
  builder_.Plan("a/open", {InHeader("authorization")}).set_forward_key(true);
  builder_.Consumer("a/open", "bo", {"bos-key"});
  GuardedRoute({"a/open"});
  EXPECT_EQ(Strip("Authorization: bos-key\r\n"), "Authorization: bos-key\n?");
  EXPECT_EQ(Strip("Authorization: adas%key\r\n"), "?");
}

TEST_F(ForeignKeyTest, ManyThatAreNoneAllCountAsKeys) {
  PublicRoute();
  std::string query = "a=b";
  for (int i = 0; i < 31; ++i) query += "&key=" + std::to_string(i);
  const std::string cookie = "Cookie: key=last\r\n";
  EXPECT_EQ(Strip(cookie, query), "Cookie: key=last\n?" + query);
  EXPECT_EQ(Strip(cookie, query + "&key=one-more&c=d"), "Cookie: key=last\n?" + query + "&c=d");
}

TEST_F(StripTest, IdentityHeadersAreTheGatewaysAlone) {
  PublicRoute();
  EXPECT_EQ(Strip("X-Tollgate-Consumer: root\r\nx-tollgate-plan: p\r\nX-TOLLGATE-GROUP: g\r\n"
                  "X-Tollgate-Operation: o\r\nX-Tollgate-Other: stays\r\n"),
            "X-Tollgate-Other: stays\n?");
}

TEST_F(StripTest, IdentityHeadersWithUnderscoresAreTheSameToMany) {
  PublicRoute();
  EXPECT_EQ(Strip("X_Tollgate_Consumer: root\r\nx-tollgate_plan: p\r\nX_TOLLGATE-GROUP: g\r\n"
                  "X_Own: stays\r\n"),
            "X_Own: stays\n?");
}

TEST_F(StripTest, FullHeadIsStrippedWhole) {
  builder_.Plan("a/gold");
  GuardedRoute({"a/gold"});
  std::string lines;
  std::string expected;
  for (size_t i = 0; i + 1 < http::Fields::kMax; ++i) {
    lines += "X-" + std::to_string(i) + ": v\r\n";
    expected += "X-" + std::to_string(i) + ": v\n";
  }
  EXPECT_EQ(Strip(lines + "X-Api-Key: 1\r\n"), expected + "?");
}

TEST_F(StripTest, CanBeLargerThanTheArenasOwnMemory) {
  builder_.Plan("a/gold", {InQuery("key"), InCookie("key")});
  GuardedRoute({"a/gold"});
  std::string items;
  for (int i = 0; i < 3000; ++i) items += "a=b;";
  EXPECT_EQ(Strip("Cookie: key=1;" + items + "c\r\n").find("key"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::auth
