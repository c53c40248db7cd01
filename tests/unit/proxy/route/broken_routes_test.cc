// What cannot be served answers for itself: never 404, never open.
#include "tests/unit/proxy/route/route_table_fixture.h"

namespace tollgate::route {
namespace {

using kit::AddRule;
using kit::Exact;
using kit::Prefix;
using kit::Template;

class BrokenRoutesTest : public RouteTableFixture {};

TEST_F(BrokenRoutesTest, BrokenRuleAnswersForWhatItWouldServe) {
  api::Route& route = Route("a/r");
  AddRule(route, "broken", Exact("/a"), {"GET"}).set_broken("why");
  AddRule(route, "sibling", Prefix("/"));
  EXPECT_EQ(Get("/a"), "rule-broken");
  EXPECT_EQ(reason_, "rule-broken");
  EXPECT_EQ(blamed_, "a/r broken");
  EXPECT_EQ(Get("/b"), "sibling");
  EXPECT_EQ(Find("POST", "/a"), "sibling");
}

TEST_F(BrokenRoutesTest, BrokenRulesMethodsAreAllowedStill) {
  AddRule(Route("a/r"), "broken", Exact("/a"), {"GET"}).set_broken("why");
  EXPECT_EQ(Find("POST", "/a"), "method-not-allowed: GET");
}

TEST_F(BrokenRoutesTest, BrokenRuleStaysBeforeAWeakerOne) {
  AddRule(Route("a/r"), "broken", Exact("/a")).set_broken("why");
  AddRule(Route("b/r"), "weaker", Prefix("/"));
  EXPECT_EQ(Get("/a"), "rule-broken");
}

TEST_F(BrokenRoutesTest, BrokenObjectAnswersForWhatNoOtherRuleMatches) {
  api::Route& broken = Route("a/broken", {"a.com", "*.b.com"});
  broken.set_broken("why");
  AddRule(broken, "sibling", Exact("/sibling"));
  AddRule(Route("a/other", {"a.com"}), "other", Exact("/other"), {"GET"});
  EXPECT_EQ(Get("/nowhere", "a.com"), "rule-broken");
  EXPECT_EQ(reason_, "object-broken");
  EXPECT_EQ(blamed_, "a/broken ");
  EXPECT_EQ(Get("/nowhere", "x.b.com"), "rule-broken");
  EXPECT_EQ(Get("/sibling", "a.com"), "sibling");
  EXPECT_EQ(Get("/other", "a.com"), "other");
  EXPECT_EQ(Find("POST", "/other", "a.com"), "rule-broken") << "the unread rule may be the one for POST";
  EXPECT_EQ(Get("/nowhere", "c.com"), "no-route");
  EXPECT_EQ(blamed_, " ");
}

TEST_F(BrokenRoutesTest, BrokenObjectStandsBehindEveryRuleHoweverYoung) {
  Route("a/broken").set_broken("why");
  AddRule(Route("b/younger"), "all");
  EXPECT_EQ(Get("/"), "all");
}

// What the compiler never writes, but another release of it might: never 404, never open.
TEST_F(BrokenRoutesTest, BrokenRuleWithoutMatchesAnswersForItsHosts) {
  api::Rule& rule = AddRule(Route("a/r", {"a.com"}), "broken");
  rule.clear_matches();
  rule.set_broken("why");
  EXPECT_EQ(Get("/", "a.com"), "rule-broken");
}

TEST_F(BrokenRoutesTest, TemplateThatCannotBeReadAnswersForItsHosts) {
  api::Route& route = Route("a/r", {"a.com"});
  AddRule(route, "unreadable", Template("/{a}/{a}"));
  AddRule(route, "sibling", Exact("/b"));
  EXPECT_EQ(Get("/a/a", "a.com"), "rule-broken");
  EXPECT_EQ(Get("/b", "a.com"), "sibling");
}

TEST_F(BrokenRoutesTest, PathOfAnUnknownTypeAnswersForItsHosts) {
  api::Route& route = Route("a/r", {"a.com"});
  api::PathMatch unknown;
  unknown.set_type(static_cast<api::PathMatch::Type>(9));
  unknown.set_value("/a");
  AddRule(route, "unreadable", unknown);
  EXPECT_EQ(Get("/a", "a.com"), "rule-broken");
}

}  // namespace
}  // namespace tollgate::route
