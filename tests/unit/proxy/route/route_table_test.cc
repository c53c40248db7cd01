// Which rule a request is for, by path and method: the order of "Matching" in the API.
#include "tests/unit/proxy/route/route_table_fixture.h"

namespace tollgate::route {
namespace {

using kit::AddRule;
using kit::Exact;
using kit::Prefix;
using kit::Template;

class RouteTableTest : public RouteTableFixture {};

TEST_F(RouteTableTest, NothingIsServedWithoutARoute) { EXPECT_EQ(Get("/"), "no-route"); }

TEST_F(RouteTableTest, ExactPathFitsItselfAlone) {
  AddRule(Route("a/r"), "exact", Exact("/a/b"));
  EXPECT_EQ(Get("/a/b"), "exact");
  for (const char* path : {"/", "/a", "/a/b/", "/a/b/c", "/A/b", "/a//b"})
    EXPECT_EQ(Get(path), "no-route") << path;
}

TEST_F(RouteTableTest, PrefixTakesWholeSegments) {
  AddRule(Route("a/r"), "prefix", Prefix("/a/b"));
  for (const char* path : {"/a/b", "/a/b/", "/a/b/c", "/a/b//", "/a/b/c/d/"})
    EXPECT_EQ(Get(path), "prefix") << path;
  for (const char* path : {"/", "/a", "/a/bc", "/a/b%2Fc", "/a/", "/b"})
    EXPECT_EQ(Get(path), "no-route") << path;
}

TEST_F(RouteTableTest, SlashAtAPrefixesEndChangesNothing) {
  AddRule(Route("a/r"), "prefix", Prefix("/a/"));
  EXPECT_EQ(Get("/a"), "prefix");
  EXPECT_EQ(Get("/a/"), "prefix");
  EXPECT_EQ(Get("/ab"), "no-route");
}

TEST_F(RouteTableTest, TemplateFitsByVariables) {
  AddRule(Route("a/r"), "template", Template("/quotes/{symbol}/days/{n}"));
  EXPECT_EQ(Get("/quotes/ACME/days/3"), "template");
  EXPECT_EQ(path_type_, api::PathMatch::TEMPLATE);
  for (const char* path :
       {"/quotes/ACME/days", "/quotes//days/3", "/quotes/ACME/days/3/", "/quotes/a/b/days/3"}) {
    EXPECT_EQ(Get(path), "no-route") << path;
  }
}

TEST_F(RouteTableTest, MatchWithoutAPathFitsEveryPath) {
  AddRule(Route("a/r"), "all");
  EXPECT_EQ(Get("/"), "all");
  EXPECT_EQ(Get("/any/thing"), "all");
  EXPECT_EQ(path_type_, api::PathMatch::TYPE_UNSPECIFIED);
}

TEST_F(RouteTableTest, KindsOfPathsStandInOrder) {
  api::Route& route = Route("a/r");
  AddRule(route, "all");
  AddRule(route, "root", Prefix("/"));
  AddRule(route, "prefix", Prefix("/a/b"));
  AddRule(route, "rest", Template("/{all...}"));
  AddRule(route, "template", Template("/a/{x}"));
  AddRule(route, "exact", Exact("/a/b"));
  EXPECT_EQ(Get("/a/b"), "exact");
  EXPECT_EQ(Get("/a/c"), "template");
  EXPECT_EQ(Get("/a/b/c"), "rest") << "any template stands before any prefix";
}

TEST_F(RouteTableTest, LongerLiteralWins) {
  api::Route& route = Route("a/r");
  AddRule(route, "one", Template("/{x}/b/{y}"));
  AddRule(route, "two", Template("/a/b/{y}"));
  AddRule(route, "none", Template("/{x}/{y}/{z}"));
  EXPECT_EQ(Get("/a/b/c"), "two");
  EXPECT_EQ(Get("/x/b/c"), "one");
  EXPECT_EQ(Get("/x/y/c"), "none");
}

TEST_F(RouteTableTest, LongestPrefixWins) {
  api::Route& route = Route("a/r");
  AddRule(route, "root", Prefix("/"));
  AddRule(route, "a", Prefix("/a"));
  AddRule(route, "ab", Prefix("/a/b"));
  EXPECT_EQ(Get("/a/b/c"), "ab");
  EXPECT_EQ(Get("/a/c"), "a");
  EXPECT_EQ(Get("/b"), "root");
}

TEST_F(RouteTableTest, RootPrefixWinsOverNoPath) {
  AddRule(Route("a/older"), "all");
  AddRule(Route("a/younger"), "root", Prefix("/"));
  EXPECT_EQ(Get("/x"), "root");
}

TEST_F(RouteTableTest, SlashAtAPrefixesEndMakesItNoLonger) {
  AddRule(Route("a/older"), "older", Prefix("/a"));
  AddRule(Route("a/younger"), "younger", Prefix("/a/"));
  EXPECT_EQ(Get("/a/b"), "older");
}

TEST_F(RouteTableTest, MatchWithMethodsWinsOverOneWithout) {
  AddRule(Route("a/older"), "any", Exact("/a"));
  AddRule(Route("a/younger"), "get", Exact("/a"), {"GET"});
  EXPECT_EQ(Get("/a"), "get");
  EXPECT_EQ(Find("POST", "/a"), "any");
}

TEST_F(RouteTableTest, PathWeighsMoreThanMethods) {
  api::Route& route = Route("a/r");
  AddRule(route, "prefix", Prefix("/a"), {"GET"});
  AddRule(route, "exact", Exact("/a"));
  EXPECT_EQ(Get("/a"), "exact");
}

TEST_F(RouteTableTest, OldestObjectWins) {
  AddRule(Route("z/older"), "older", Exact("/a"));
  AddRule(Route("a/younger"), "younger", Exact("/a"));
  EXPECT_EQ(Get("/a"), "older");
}

TEST_F(RouteTableTest, EqualAgeIsDecidedByName) {
  AddRule(Route("b/r"), "b", Exact("/a"));
  AddRule(Route("a/z"), "az", Exact("/a"));
  AddRule(Route("a/r"), "ar", Exact("/a"));
  for (const char* name : {"b/r", "a/z", "a/r"}) builder_.Route(name).set_created(7);
  EXPECT_EQ(Get("/a"), "ar");
}

TEST_F(RouteTableTest, EarlierRuleOfOneObjectWins) {
  api::Route& route = Route("a/r");
  AddRule(route, "first", Exact("/a"));
  AddRule(route, "second", Exact("/a"));
  EXPECT_EQ(Get("/a"), "first");
}

TEST_F(RouteTableTest, AnyMatchOfARuleServes) {
  api::Rule& rule = AddRule(Route("a/r"), "rule", Exact("/a"), {"GET"});
  *rule.add_matches()->mutable_path() = Prefix("/b");
  EXPECT_EQ(Get("/a"), "rule");
  EXPECT_EQ(path_type_, api::PathMatch::EXACT);
  EXPECT_EQ(Find("POST", "/b/c"), "rule");
  EXPECT_EQ(path_type_, api::PathMatch::PREFIX);
}

TEST_F(RouteTableTest, LessSpecificPathServesTheMethodThatTheOtherLacks) {
  api::Route& route = Route("a/r");
  AddRule(route, "exact", Exact("/a"), {"GET"});
  AddRule(route, "prefix", Prefix("/"), {"POST"});
  EXPECT_EQ(Find("POST", "/a"), "prefix");
}

TEST_F(RouteTableTest, KnownPathWithAnotherMethodNamesTheMethodsItHas) {
  api::Route& route = Route("a/r");
  AddRule(route, "read", Exact("/a"), {"HEAD", "GET"});
  AddRule(route, "write", Prefix("/a"), {"PUT", "GET"});
  EXPECT_EQ(Find("DELETE", "/a"), "method-not-allowed: GET, HEAD, PUT");
  EXPECT_EQ(Find("DELETE", "/a/b"), "method-not-allowed: GET, PUT");
  EXPECT_EQ(Find("DELETE", "/b"), "no-route");
}

TEST_F(RouteTableTest, MethodsAreCaseSensitive) {
  AddRule(Route("a/r"), "read", Exact("/a"), {"GET"});
  EXPECT_EQ(Find("get", "/a"), "method-not-allowed: GET");
}

}  // namespace
}  // namespace tollgate::route
