// Which rule a request is for: the order of "Matching" in the API, and what is answered where no rule serves.
#include "proxy/route/route_table.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>

#include "tests/kit/heads.h"
#include "tests/kit/snapshot_builder.h"

namespace tollgate::route {
namespace {

using exchange::Problem;
using kit::AddRule;
using kit::Exact;
using kit::Prefix;
using kit::Template;

class RouteTableTest : public ::testing::Test {
 protected:
  // A route whose objects were created in the order of their calls.
  api::Route& Route(const std::string& name, std::initializer_list<const char*> hosts = {}) {
    api::Route& route = builder_.Route(name);
    route.set_created(++created_);
    for (const char* host : hosts) route.add_hosts(host);
    return route;
  }

  // The name of the rule that serves a request, or how it is refused.
  std::string Find(std::string_view method, std::string_view path, std::string_view host = "a.example") {
    if (!table_) Load();
    const kit::Request request(method, path, "Host: " + std::string(host) + "\r\n");
    http::Target target;
    EXPECT_EQ(http::ParseTarget(request.head(), target), "");
    const auto routed = table_->Find(method, target);
    if (routed.ok()) {
      const snapshot::RuleEntry& rule = catalog_->rules()[routed->rule_index];
      EXPECT_EQ(&rule, routed->rule);
      EXPECT_EQ(&catalog_->routes()[rule.route], routed->route);
      path_type_ = routed->path == nullptr ? api::PathMatch::TYPE_UNSPECIFIED : routed->path->type();
      return rule.spec->name();
    }
    const exchange::Error& error = routed.error();
    std::string refusal(exchange::RowOf(error.problem).slug);
    if (error.problem == Problem::kMethodNotAllowed) refusal += ": " + error.allow;
    reason_ = error.reason;
    return refusal;
  }
  std::string Get(std::string_view path, std::string_view host = "a.example") {
    return Find("GET", path, host);
  }

  void Load() {
    catalog_ = builder_.Build();
    table_.emplace(*catalog_);
  }

  kit::SnapshotBuilder builder_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  std::optional<RouteTable> table_;
  int64_t created_ = 0;
  api::PathMatch::Type path_type_{};
  std::string reason_;
};

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

TEST_F(RouteTableTest, ExactHostBeforeWildcardBeforeNone) {
  AddRule(Route("a/any"), "any", Prefix("/"));
  AddRule(Route("a/wild", {"*.example.com"}), "wild", Prefix("/"));
  AddRule(Route("a/wilder", {"*.api.example.com"}), "longer", Prefix("/"));
  AddRule(Route("a/exact", {"v1.api.example.com"}), "exact", Prefix("/"));
  EXPECT_EQ(Get("/", "v1.api.example.com"), "exact");
  EXPECT_EQ(Get("/", "v2.api.example.com"), "longer");
  EXPECT_EQ(Get("/", "a.v2.api.example.com"), "longer");
  EXPECT_EQ(Get("/", "www.example.com"), "wild");
  EXPECT_EQ(Get("/", "api.example.com"), "wild");
  EXPECT_EQ(Get("/", "example.com"), "any");
  EXPECT_EQ(Get("/", "example.org"), "any");
}

TEST_F(RouteTableTest, WildcardIsOneOrMoreWholeLabels) {
  AddRule(Route("a/wild", {"*.example.com"}), "wild", Prefix("/"));
  EXPECT_EQ(Get("/", "a.example.com"), "wild");
  EXPECT_EQ(Get("/", "a.b.c.example.com"), "wild");
  for (const char* host :
       {"example.com", "badexample.com", "com", "example.com.evil", ".example.com", "a.example.org"}) {
    EXPECT_EQ(Get("/", host), "no-route") << host;
  }
}

TEST_F(RouteTableTest, HostIsReadAsTheTargetReadsIt) {
  AddRule(Route("a/r", {"api.example.com"}), "rule", Prefix("/"));
  for (const char* host : {"API.example.COM", "api.example.com:8080", "api.example.com."}) {
    EXPECT_EQ(Get("/", host), "rule") << host;
  }
}

TEST_F(RouteTableTest, HostsRoutesAloneServeIt) {
  AddRule(Route("a/exact", {"v1.example.com"}), "exact", Exact("/a"));
  AddRule(Route("a/wild", {"*.example.com"}), "wild", Prefix("/"));
  AddRule(Route("a/any"), "any", Prefix("/"));
  EXPECT_EQ(Get("/b", "v1.example.com"), "no-route");
}

TEST_F(RouteTableTest, RouteServesEachOfItsHosts) {
  AddRule(Route("a/r", {"a.com", "*.b.com", "a.com"}), "rule", Exact("/"));
  EXPECT_EQ(Get("/", "a.com"), "rule");
  EXPECT_EQ(Get("/", "x.b.com"), "rule");
  EXPECT_EQ(Find("GET", "/x", "a.com"), "no-route");
}

TEST_F(RouteTableTest, BrokenRuleAnswersForWhatItWouldServe) {
  api::Route& route = Route("a/r");
  AddRule(route, "broken", Exact("/a"), {"GET"}).set_broken("why");
  AddRule(route, "sibling", Prefix("/"));
  EXPECT_EQ(Get("/a"), "rule-broken");
  EXPECT_EQ(reason_, "rule-broken");
  EXPECT_EQ(Get("/b"), "sibling");
  EXPECT_EQ(Find("POST", "/a"), "sibling");
}

TEST_F(RouteTableTest, BrokenRulesMethodsAreAllowedStill) {
  AddRule(Route("a/r"), "broken", Exact("/a"), {"GET"}).set_broken("why");
  EXPECT_EQ(Find("POST", "/a"), "method-not-allowed: GET");
}

TEST_F(RouteTableTest, BrokenRuleStaysBeforeAWeakerOne) {
  AddRule(Route("a/r"), "broken", Exact("/a")).set_broken("why");
  AddRule(Route("b/r"), "weaker", Prefix("/"));
  EXPECT_EQ(Get("/a"), "rule-broken");
}

TEST_F(RouteTableTest, BrokenObjectAnswersForWhatNoOtherRuleMatches) {
  api::Route& broken = Route("a/broken", {"a.com", "*.b.com"});
  broken.set_broken("why");
  AddRule(broken, "sibling", Exact("/sibling"));
  AddRule(Route("a/other", {"a.com"}), "other", Exact("/other"), {"GET"});
  EXPECT_EQ(Get("/nowhere", "a.com"), "rule-broken");
  EXPECT_EQ(reason_, "object-broken");
  EXPECT_EQ(Get("/nowhere", "x.b.com"), "rule-broken");
  EXPECT_EQ(Get("/sibling", "a.com"), "sibling");
  EXPECT_EQ(Get("/other", "a.com"), "other");
  EXPECT_EQ(Find("POST", "/other", "a.com"), "rule-broken") << "the unread rule may be the one for POST";
  EXPECT_EQ(Get("/nowhere", "c.com"), "no-route");
}

TEST_F(RouteTableTest, BrokenObjectStandsBehindEveryRuleHoweverYoung) {
  Route("a/broken").set_broken("why");
  AddRule(Route("b/younger"), "all");
  EXPECT_EQ(Get("/"), "all");
}

// What the compiler never writes, but another release of it might: never 404, never open.
TEST_F(RouteTableTest, BrokenRuleWithoutMatchesAnswersForItsHosts) {
  api::Rule& rule = AddRule(Route("a/r", {"a.com"}), "broken");
  rule.clear_matches();
  rule.set_broken("why");
  EXPECT_EQ(Get("/", "a.com"), "rule-broken");
}

TEST_F(RouteTableTest, TemplateThatCannotBeReadAnswersForItsHosts) {
  api::Route& route = Route("a/r", {"a.com"});
  AddRule(route, "unreadable", Template("/{a}/{a}"));
  AddRule(route, "sibling", Exact("/b"));
  EXPECT_EQ(Get("/a/a", "a.com"), "rule-broken");
  EXPECT_EQ(Get("/b", "a.com"), "sibling");
}

TEST_F(RouteTableTest, PathOfAnUnknownTypeAnswersForItsHosts) {
  api::Route& route = Route("a/r", {"a.com"});
  api::PathMatch unknown;
  unknown.set_type(static_cast<api::PathMatch::Type>(9));
  unknown.set_value("/a");
  AddRule(route, "unreadable", unknown);
  EXPECT_EQ(Get("/a", "a.com"), "rule-broken");
}

}  // namespace
}  // namespace tollgate::route
