// Which routes a host belongs to.
#include "tests/unit/proxy/route/route_table_fixture.h"

namespace tollgate::route {
namespace {

using kit::AddRule;
using kit::Exact;
using kit::Prefix;

class RouteHostsTest : public RouteTableFixture {};

TEST_F(RouteHostsTest, ExactHostBeforeWildcardBeforeNone) {
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

TEST_F(RouteHostsTest, WildcardIsOneOrMoreWholeLabels) {
  AddRule(Route("a/wild", {"*.example.com"}), "wild", Prefix("/"));
  EXPECT_EQ(Get("/", "a.example.com"), "wild");
  EXPECT_EQ(Get("/", "a.b.c.example.com"), "wild");
  for (const char* host :
       {"example.com", "badexample.com", "com", "example.com.evil", ".example.com", "a.example.org"}) {
    EXPECT_EQ(Get("/", host), "no-route") << host;
  }
}

TEST_F(RouteHostsTest, HostIsReadAsTheTargetReadsIt) {
  AddRule(Route("a/r", {"api.example.com"}), "rule", Prefix("/"));
  for (const char* host : {"API.example.COM", "api.example.com:8080", "api.example.com."}) {
    EXPECT_EQ(Get("/", host), "rule") << host;
  }
}

TEST_F(RouteHostsTest, HostsRoutesAloneServeIt) {
  AddRule(Route("a/exact", {"v1.example.com"}), "exact", Exact("/a"));
  AddRule(Route("a/wild", {"*.example.com"}), "wild", Prefix("/"));
  AddRule(Route("a/any"), "any", Prefix("/"));
  EXPECT_EQ(Get("/b", "v1.example.com"), "no-route");
}

TEST_F(RouteHostsTest, RouteServesEachOfItsHosts) {
  AddRule(Route("a/r", {"a.com", "*.b.com", "a.com"}), "rule", Exact("/"));
  EXPECT_EQ(Get("/", "a.com"), "rule");
  EXPECT_EQ(Get("/", "x.b.com"), "rule");
  EXPECT_EQ(Find("GET", "/x", "a.com"), "no-route");
}

}  // namespace
}  // namespace tollgate::route
