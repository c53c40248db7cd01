// Paths by regular expression: which fit, and where they stand among the others.
#include "tests/unit/proxy/route/route_table_fixture.h"

namespace tollgate::route {
namespace {

using kit::AddRule;
using kit::Exact;
using kit::Prefix;
using kit::Regex;
using kit::Template;

class RegexPathsTest : public RouteTableFixture {};

TEST_F(RegexPathsTest, RegexFitsTheWholePath) {
  AddRule(Route("a/r"), "regex", Regex("/v[12]/[^/]+"));
  EXPECT_EQ(Get("/v1/a"), "regex");
  EXPECT_EQ(path_type_, api::PathMatch::REGEX);
  EXPECT_EQ(Get("/v2/a%2fb"), "regex");
  for (const char* path : {"/v1/", "/v1/a/b", "/v3/a", "/x/v1/a", "/v1/a/"}) {
    EXPECT_EQ(Get(path), "no-route") << path;
  }
}

TEST_F(RegexPathsTest, RegexMeetsTheCanonicalPath) {
  AddRule(Route("a/r"), "regex", Regex("/a/%2F[~]"));
  EXPECT_EQ(Get("/x/../a/%2f%7e"), "regex");
}

TEST_F(RegexPathsTest, RegexStandsBehindEveryPathAndBeforeNone) {
  api::Route& route = Route("a/r");
  AddRule(route, "all");
  AddRule(route, "regex", Regex("/.*"));
  AddRule(route, "prefix", Prefix("/a"));
  AddRule(route, "template", Template("/b/{x}"));
  AddRule(route, "exact", Exact("/c"));
  EXPECT_EQ(Get("/a"), "prefix");
  EXPECT_EQ(Get("/b/1"), "template");
  EXPECT_EQ(Get("/c"), "exact");
  EXPECT_EQ(Get("/d"), "regex");
}

TEST_F(RegexPathsTest, AmongRegexesMoreConditionsThenTheOldestThenTheFirst) {
  api::Route& older = Route("a/older");
  AddRule(older, "first", Regex("/a.*"));
  AddRule(older, "second", Regex("/a.b"));
  AddRule(Route("a/younger"), "younger", Regex("/a.*"));
  AddRule(Route("a/youngest"), "posts", Regex("/a.*"), {"POST"});
  EXPECT_EQ(Get("/a.b"), "first");
  EXPECT_EQ(Find("POST", "/a.b"), "posts");
}

TEST_F(RegexPathsTest, RegexServesItsHostsAlone) {
  AddRule(Route("a/r", {"a.com", "*.b.com"}), "regex", Regex("/a"));
  EXPECT_EQ(Get("/a", "a.com"), "regex");
  EXPECT_EQ(Get("/a", "x.b.com"), "regex");
  EXPECT_EQ(Get("/a", "c.com"), "no-route");
}

TEST_F(RegexPathsTest, AllowNamesTheMethodsOfRegexesThatFit) {
  api::Route& route = Route("a/r");
  AddRule(route, "read", Regex("/a.*"), {"GET"});
  AddRule(route, "write", Regex("/ab"), {"PUT"});
  AddRule(route, "other", Regex("/b"), {"POST"});
  EXPECT_EQ(Find("DELETE", "/ab"), "method-not-allowed: GET, PUT");
  EXPECT_EQ(Find("DELETE", "/ac"), "method-not-allowed: GET");
}

TEST_F(RegexPathsTest, RegexServesTheMethodThatAnotherPathLacks) {
  api::Route& route = Route("a/r");
  AddRule(route, "exact", Exact("/a"), {"GET"});
  AddRule(route, "regex", Regex("/a"), {"POST"});
  EXPECT_EQ(Find("POST", "/a"), "regex");
}

TEST_F(RegexPathsTest, BrokenObjectStandsBehindRegexes) {
  Route("a/broken").set_broken("why");
  AddRule(Route("a/r"), "regex", Regex("/a"));
  EXPECT_EQ(Get("/a"), "regex");
  EXPECT_EQ(Get("/b"), "rule-broken");
}

// What the compiler never writes, but another release of it might: never 404, never open.
TEST_F(RegexPathsTest, RegexThatCannotBeReadAnswersForItsHosts) {
  AddRule(Route("a/r", {"a.com"}), "unreadable", Regex("/("));
  EXPECT_EQ(Get("/a", "a.com"), "rule-broken");
  EXPECT_EQ(Get("/a", "b.com"), "no-route");
}

// Built in the order of names, in which 99 comes last.
TEST_F(RegexPathsTest, OneMoreThanTheMostCannotBeReadEither) {
  for (size_t i = 0; i <= api::kMostRegexes; ++i) {
    const std::string name = std::to_string(i);
    AddRule(Route("a/r" + name, {"a.com"}), "r" + name, Regex("/" + name));
  }
  AddRule(Route("b/same", {"b.com"}), "same", Regex("/0"));
  EXPECT_EQ(Get("/0", "a.com"), "r0");
  EXPECT_EQ(Get("/99", "a.com"), "rule-broken");
  EXPECT_EQ(Get("/0", "b.com"), "same") << "its program is there already";
}

}  // namespace
}  // namespace tollgate::route
