// Who is let in, and what those who are not are told.
#include "proxy/auth/authenticator.h"

#include "tests/unit/proxy/auth/auth_fixture.h"

namespace tollgate::auth {
namespace {

using kit::InCookie;
using kit::InHeader;
using kit::InQuery;

class AuthenticatorTest : public AuthFixture {};

TEST_F(AuthenticatorTest, KeyInAHeaderProvesItsHolder) {
  builder_.Plan("a/gold", {InHeader("x-api-key")});
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("x-API-key: \t secret \r\n"), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, KeyInTheQueryProvesItsHolder) {
  builder_.Plan("a/gold", {InQuery("api_key")});
  builder_.Consumer("a/gold", "ada", {"se&cret=1"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("", "api_key=se%26cret=1"), "a/ada@a/gold");
  EXPECT_EQ(Identify("", "a=b&api_key=se%26cret%3d1&c"), "a/ada@a/gold");
  EXPECT_EQ(Identify("", "api%5Fkey=se%26cret=1"), "a/ada@a/gold") << "names may be encoded too";
  EXPECT_EQ(Identify("", "api_key=%73e%26cret%3D%31"), "a/ada@a/gold");
  EXPECT_EQ(Identify("", "API_KEY=se%26cret=1"), "no-credential/no-credential") << "names keep their case";
  EXPECT_EQ(Identify("", "xapi_key=se%26cret=1&api_keyx=se%26cret=1"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, WhatIsNoEscapeIsPartOfTheKey) {
  builder_.Plan("a/gold", {InQuery("key")});
  builder_.Consumer("a/gold", "ada", {"0%a b%4"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("", "key=%30%25a%20b%4"), "a/ada@a/gold");
  EXPECT_EQ(Identify("", "key=0%a%20b%254"), "a/ada@a/gold") << "%a followed by % is no escape, %25 is one";
}

TEST_F(AuthenticatorTest, KeyInACookieProvesItsHolder) {
  builder_.Plan("a/gold", {InCookie("key")});
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("Cookie: key=secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: a=b; key=secret; c=d\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: a=b;key=secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: a=b\r\nCookie: key=secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: Key=secret; key2=secret; akey=secret\r\n"), "no-credential/no-credential");
  EXPECT_EQ(Identify("Cookie: %6bey=secret\r\n"), "no-credential/no-credential") << "cookies are not encoded";
}

TEST_F(AuthenticatorTest, PlaceThatThePlanDoesNotNameHoldsNoKey) {
  builder_.Plan("a/gold", {InHeader("x-api-key")});
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Other: secret\r\nCookie: x-api-key=secret\r\n", "x-api-key=secret"),
            "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, FirstPlaceWithAGoodKeyCounts) {
  builder_.Plan("a/gold", {InHeader("x-api-key"), InQuery("key")});
  builder_.Consumer("a/gold", "ada", {"of ada"});
  builder_.Consumer("a/gold", "bob", {"bob"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: of ada\r\n", "key=bob"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: unknown\r\n", "key=bob"), "a/bob@a/gold");
}

TEST_F(AuthenticatorTest, EmptyValueIsNoCredential) {
  builder_.Plan("a/gold", {InHeader("x-api-key"), InQuery("key"), InCookie("key")});
  builder_.Consumer("a/gold", "nobody", {""});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key:\r\nCookie: key=; key\r\n", "key=&key"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, UnknownKeyIsRefused) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  for (const char* key : {"secre", "secrets", "Secret", "secret,secret", "se cret", "\"secret\"",
                          "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}) {
    EXPECT_EQ(Identify("X-Api-Key: " + std::string(key) + "\r\n"), "credential-refused/unknown") << key;
  }
}

TEST_F(AuthenticatorTest, ExpiryIsTheFirstMomentThatDoesNotCount) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"}, kNow);
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n", "", kNow - 1), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n", "", kNow), "credential-refused/expired");
}

TEST_F(AuthenticatorTest, SuspendedConsumerIsRefused) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"}).set_suspended(true);
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "credential-refused/suspended");
}

TEST_F(AuthenticatorTest, TwoKeysLiveSideBySide) {
  builder_.Plan("a/gold");
  kit::AddKey(builder_.Consumer("a/gold", "ada", {"new"}), "old", kNow + 1);
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: old\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: new\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: old\r\n", "", kNow + 1), "credential-refused/expired");
  EXPECT_EQ(Identify("X-Api-Key: new\r\n", "", kNow + 1), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, DigestOfAnotherLengthProvesNobody) {
  builder_.Plan("a/gold");
  api::Consumer& ada = builder_.Consumer("a/gold", "ada", {"secret"});
  ada.mutable_credentials(0)->mutable_digest()->pop_back();
  ada.add_credentials();
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "credential-refused/unknown");
}

TEST_F(AuthenticatorTest, PlansAreTriedInTheRoutesOrder) {
  for (const char* plan : {"a/free", "a/gold"}) {
    builder_.Plan(plan);
    builder_.Consumer(plan, "ada", {"secret"});
  }
  GuardedRoute({"a/gold", "a/free"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, LaterPlanAdmitsWhomAnEarlierOneRefuses) {
  builder_.Plan("a/free");
  builder_.Plan("a/gold");
  builder_.Consumer("a/free", "ada", {"secret"}, kNow);
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/free", "a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, KeyOfAnotherPlanIsNotOnThisRoute) {
  builder_.Plan("a/gold");
  builder_.Plan("a/free");
  builder_.Consumer("a/free", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "not-on-plan/not-on-plan");
}

TEST_F(AuthenticatorTest, ExpiredKeyIsSaidBeforeAnotherPlansKey) {
  builder_.Plan("a/gold");
  builder_.Plan("a/free");
  builder_.Consumer("a/gold", "ada", {"secret"}, 1);
  builder_.Consumer("a/free", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "credential-refused/expired");
}

TEST_F(AuthenticatorTest, BrokenPlanAdmitsNobodyAndBlamesNobody) {
  builder_.Plan("a/gold").set_broken("why");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "plan-broken/plan-broken");
  EXPECT_EQ(Identify("X-Api-Key: unknown\r\n"), "plan-broken/plan-broken");
  EXPECT_EQ(Identify(""), "plan-broken/plan-broken");
}

TEST_F(AuthenticatorTest, BrokenPlanDoesNotHinderAnother) {
  builder_.Plan("a/broken").set_broken("why");
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/broken", "a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: unknown\r\n"), "plan-broken/plan-broken");
}

TEST_F(AuthenticatorTest, RouteWithoutPlansRefusesEveryone) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({});
  EXPECT_EQ(Identify(""), "plan-broken/no-plan");
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "plan-broken/no-plan");
}

TEST_F(AuthenticatorTest, PlanWithoutPlacesAdmitsNobody) {
  builder_.Plan("a/gold").clear_key_locations();
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n", "x-api-key=secret"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, PlaceOfAnUnknownTypeHoldsNoKey) {
  builder_.Plan("a/gold").mutable_key_locations(0)->set_type(static_cast<api::KeyLocation::Type>(9));
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, PublicRouteAsksNobody) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  PublicRoute();
  EXPECT_EQ(Identify(""), "anonymous");
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "anonymous");
}

TEST_F(AuthenticatorTest, UnspecifiedAccessRefusesEveryone) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"}).set_access(api::ACCESS_UNSPECIFIED);
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "rule-broken/access-unspecified");
}

TEST_F(AuthenticatorTest, AccessOfAReleaseToComeRefusesEveryone) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"}).set_access(static_cast<api::Access>(9));
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "rule-broken/access-unspecified");
}

}  // namespace
}  // namespace tollgate::auth
