// Conditions on headers, query parameters and cookies: which requests fit, and which of several matches of
// one path serves.
#include "tests/unit/proxy/route/route_table_fixture.h"

namespace tollgate::route {
namespace {

using kit::AddRule;
using kit::Exact;
using kit::Prefix;

using Type = api::ValueMatch::Type;

class ConditionsTest : public RouteTableFixture {
 protected:
  // The one match of a new rule of a new route, younger than those before.
  api::Match& Match(const std::string& name, api::PathMatch path = {},
                    std::initializer_list<const char*> methods = {}) {
    return *AddRule(Route("a/" + name), name, std::move(path), methods).mutable_matches(0);
  }
  static void Set(api::ValueMatch& condition, std::string name, Type type, std::string value) {
    condition.set_name(std::move(name));
    condition.set_type(type);
    condition.set_value(std::move(value));
  }
  static void Header(api::Match& match, std::string name, Type type = api::ValueMatch::PRESENT,
                     std::string value = {}) {
    Set(*match.add_headers(), std::move(name), type, std::move(value));
  }
  static void Parameter(api::Match& match, std::string name, Type type = api::ValueMatch::PRESENT,
                        std::string value = {}) {
    Set(*match.add_query(), std::move(name), type, std::move(value));
  }
  static void Cookie(api::Match& match, std::string name, Type type = api::ValueMatch::PRESENT,
                     std::string value = {}) {
    Set(*match.add_cookies(), std::move(name), type, std::move(value));
  }
};

TEST_F(ConditionsTest, HeaderIsComparedByType) {
  Header(Match("exact"), "x-a", api::ValueMatch::EXACT, "one");
  Header(Match("prefix"), "x-a", api::ValueMatch::PREFIX, "two");
  Header(Match("regex"), "x-a", api::ValueMatch::REGEX, "[0-9]+");
  Header(Match("present"), "x-a");
  EXPECT_EQ(GetWith("X-A: one\r\n"), "exact");
  EXPECT_EQ(GetWith("x-a: two-and-more\r\n"), "prefix");
  EXPECT_EQ(GetWith("x-A: 123\r\n"), "regex");
  for (const char* value : {"One", "one ", "1x", ""}) {
    const bool same = std::string(value) == "one ";  // blanks around a value are none of it
    EXPECT_EQ(GetWith("X-A: " + std::string(value) + "\r\n"), same ? "exact" : "present") << value;
  }
  EXPECT_EQ(GetWith("X-B: one\r\n"), "no-route");
}

TEST_F(ConditionsTest, ParameterIsComparedDecoded) {
  Parameter(Match("exact"), "q", api::ValueMatch::EXACT, "a b");
  Parameter(Match("name"), "ä", api::ValueMatch::PREFIX, "x");
  Parameter(Match("present"), "debug");
  EXPECT_EQ(Get("/?q=a%20b"), "exact");
  EXPECT_EQ(Get("/?q=a+b"), "exact");
  EXPECT_EQ(Get("/?q=a%2Bb"), "no-route");
  EXPECT_EQ(Get("/?%C3%A4=x%79"), "name");
  EXPECT_EQ(Get("/?debug"), "present");
  EXPECT_EQ(Get("/?debug=&x"), "present");
  EXPECT_EQ(Get("/?Debug"), "no-route");
  EXPECT_EQ(Get("/"), "no-route");
}

TEST_F(ConditionsTest, CookieIsFoundInAnyLine) {
  Cookie(Match("canary"), "canary", api::ValueMatch::EXACT, "on");
  EXPECT_EQ(GetWith("Cookie: a=b; canary=on\r\n"), "canary");
  EXPECT_EQ(GetWith("Cookie: a=b\r\nCookie: canary=on; c\r\n"), "canary");
  EXPECT_EQ(GetWith("Cookie: xcanary=on; canary=off\r\n"), "no-route");
}

TEST_F(ConditionsTest, OfARepeatedNameTheFirstCounts) {
  api::Match& match = Match("all");
  Header(match, "x-a", api::ValueMatch::EXACT, "1");
  Parameter(match, "a", api::ValueMatch::EXACT, "1");
  Cookie(match, "a", api::ValueMatch::EXACT, "1");
  EXPECT_EQ(GetWith("X-A: 1\r\nX-A: 2\r\nCookie: a=1; a=2\r\n", "/?a=1&a=2"), "all");
  EXPECT_EQ(GetWith("X-A: 2\r\nX-A: 1\r\nCookie: a=1; a=2\r\n", "/?a=1&a=2"), "no-route");
  EXPECT_EQ(GetWith("X-A: 1\r\nCookie: a=2; a=1\r\n", "/?a=1"), "no-route");
  EXPECT_EQ(GetWith("X-A: 1\r\nCookie: a=1\r\n", "/?a=2&a=1"), "no-route");
}

TEST_F(ConditionsTest, AllOfThemHaveToFit) {
  api::Match& match = Match("all");
  Header(match, "x-a");
  Header(match, "x-b");
  Parameter(match, "q");
  Cookie(match, "c");
  EXPECT_EQ(GetWith("X-A: 1\r\nX-B: 1\r\nCookie: c=1\r\n", "/?q"), "all");
  EXPECT_EQ(GetWith("X-A: 1\r\nCookie: c=1\r\n", "/?q"), "no-route");
  EXPECT_EQ(GetWith("X-A: 1\r\nX-B: 1\r\nCookie: c=1\r\n", "/"), "no-route");
  EXPECT_EQ(GetWith("X-A: 1\r\nX-B: 1\r\n", "/?q"), "no-route");
}

TEST_F(ConditionsTest, MethodWeighsMoreThanHeadersThanQueryThanCookies) {
  Match("none", Exact("/a"));
  Cookie(Match("cookie", Exact("/a")), "c");
  Parameter(Match("query", Exact("/a")), "q");
  Header(Match("header", Exact("/a")), "x-a");
  api::Match& headers = Match("headers", Exact("/a"));
  Header(headers, "x-a");
  Header(headers, "x-b");
  Match("method", Exact("/a"), {"GET"});
  const std::string both = "X-A: 1\r\nX-B: 1\r\nCookie: c=1\r\n";
  EXPECT_EQ(Find("GET", "/a?q", "a.example", both), "method");
  EXPECT_EQ(Find("POST", "/a?q", "a.example", both), "headers");
  EXPECT_EQ(Find("POST", "/a?q", "a.example", "X-A: 1\r\nCookie: c=1\r\n"), "header");
  EXPECT_EQ(Find("POST", "/a?q", "a.example", "Cookie: c=1\r\n"), "query");
  EXPECT_EQ(Find("POST", "/a", "a.example", "Cookie: c=1\r\n"), "cookie");
  EXPECT_EQ(Find("POST", "/a"), "none");
}

TEST_F(ConditionsTest, PathWeighsMoreThanAnyCondition) {
  api::Match& prefix = Match("prefix", Prefix("/a"), {"GET"});
  Header(prefix, "x-a");
  Match("exact", Exact("/a"));
  EXPECT_EQ(GetWith("X-A: 1\r\n", "/a"), "exact");
  EXPECT_EQ(GetWith("X-A: 1\r\n", "/a/b"), "prefix");
}

TEST_F(ConditionsTest, OfEquallyManyTheOldestWins) {
  Header(Match("older", Exact("/a")), "x-a");
  Header(Match("younger", Exact("/a")), "x-b");
  EXPECT_EQ(GetWith("X-A: 1\r\nX-B: 1\r\n", "/a"), "older");
  EXPECT_EQ(GetWith("X-B: 1\r\n", "/a"), "younger");
}

TEST_F(ConditionsTest, AnotherPathServesWhereTheConditionsDoNotFit) {
  Header(Match("strict", Exact("/a")), "x-a");
  Match("loose", Prefix("/"));
  EXPECT_EQ(Get("/a"), "loose");
}

TEST_F(ConditionsTest, AllowNamesTheMethodsOfThoseWhoseConditionsFit) {
  api::Match& read = Match("read", Exact("/a"), {"GET"});
  Header(read, "x-a");
  Match("write", Exact("/a"), {"PUT"});
  EXPECT_EQ(Find("DELETE", "/a", "a.example", "X-A: 1\r\n"), "method-not-allowed: GET, PUT");
  EXPECT_EQ(Find("DELETE", "/a"), "method-not-allowed: PUT");
}

TEST_F(ConditionsTest, APathWhoseConditionsDoNotFitIsNotServed) {
  Header(Match("read", Exact("/a"), {"GET"}), "x-a");
  EXPECT_EQ(Find("DELETE", "/a"), "no-route");
  EXPECT_EQ(Get("/a"), "no-route");
}

// What the compiler never writes, but another release of it might: never 404, never open.
TEST_F(ConditionsTest, AConditionThatCannotBeReadAnswersForItsHosts) {
  api::Match& unknown = Match("unknown", Exact("/a"));
  Set(*unknown.add_headers(), "x-a", static_cast<Type>(9), "1");
  api::Match& regex = Match("regex", Exact("/b"));
  Parameter(regex, "q", api::ValueMatch::REGEX, "(");
  api::Match& untyped = Match("untyped", Exact("/c"));
  Cookie(untyped, "c", api::ValueMatch::TYPE_UNSPECIFIED);
  for (const char* path : {"/a", "/b?q=(", "/c"}) EXPECT_EQ(GetWith("X-A: 1\r\n", path), "rule-broken");
}

// Slow where each condition read the query from its beginning: 1,000 conditions and 8,000 parameters.
TEST_F(ConditionsTest, ManyParametersAndManyConditionsAreReadOnce) {
  api::Route& route = Route("a/r");
  for (int i = 0; i < 1'000; ++i) {
    api::Match& match = *AddRule(route, "r" + std::to_string(i), Exact("/a")).mutable_matches(0);
    Parameter(match, "p" + std::to_string(i), api::ValueMatch::EXACT, "1");
  }
  std::string target = "/a?";
  for (int i = 0; i < 8'000; ++i) target += "q&";
  EXPECT_EQ(Get(target + "p999=1"), "r999");
  EXPECT_EQ(Get(target), "no-route");
}

}  // namespace
}  // namespace tollgate::route
