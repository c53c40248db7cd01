#include "controller/resource/gateway_route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

constexpr char kFull[] = R"(
  installation: tollgate
  hosts: [api.example.com, "*.example.org"]
  access: Plans
  plans: [{name: free}, {name: gold}]
  rules:
  - name: get-quote
    matches:
    - methods: [GET, HEAD]
      path: {type: Template, value: "/v1/quotes/{symbol}"}
      headers: [{name: X-Api-Version, value: "2"}, {name: X-Beta, type: Present}]
      query: [{name: days, type: Regex, value: "[0-9]{1,3}"}]
      cookies: [{name: canary, type: Prefix, value: "on"}]
    - path: {type: Template, value: "/quotes/{symbol}/{rest...}"}
    operation: quotes.read
    upstream:
      targets:
      - type: Service
        serviceRef: {name: quotes, port: http}
        protocol: HTTP
        weight: 90
        rewrite: {path: "/internal/quote/{symbol}"}
      - serviceRef: {name: quotes-next, port: 8080}
        protocol: H2C
        rewrite: {host: Upstream}
      timeouts: {connect: 500ms, firstByte: 15s, idle: 1m30s, total: 2m}
      retry: {attempts: 3, conditions: [Reset], statuses: [502, 503], perTryTimeout: 2s, budgetPercent: 10, methods: [GET]}
      health: {passive: {consecutiveFailures: 3, ejectFor: 10s, maxEjectedPercent: 40}, active: {path: /healthz, interval: 2s, timeout: 300ms, unhealthyAfter: 4, healthyAfter: 2}}
      balancing: {type: ConsistentHash, key: {type: Header, name: X-User}}
      limits: {connections: 100, pending: 0}
    protocols: {webSocket: true}
    cache:
      ttl: 1h
      statuses: [200, 404]
      scope: Plan
      key: {query: {type: Listed, names: [days]}, headers: [Accept-Language]}
  - name: rest
    upstream: {targets: [{serviceRef: {name: quotes, port: http}}]}
)";

TEST(GatewayRoute, EveryFieldIsRead) {
  const GatewayRoute route = RouteWith(kFull);
  EXPECT_THAT(route.mistakes, IsEmpty());
  EXPECT_EQ(route.meta.name, (ObjectName{"market", "quotes"}));
  EXPECT_EQ(route.installation, "tollgate");
  EXPECT_THAT(route.hosts, ElementsAre("api.example.com", "*.example.org"));
  EXPECT_EQ(route.access, Access::kPlans);
  EXPECT_THAT(route.plans, ElementsAre("free", "gold"));
  ASSERT_THAT(route.rules, ElementsAre(Field(&Rule::name, "get-quote"), Field(&Rule::name, "rest")));
  EXPECT_EQ(route.rules[0].operation, "quotes.read");
  EXPECT_THAT(route.rules[0].mistakes, IsEmpty());
}

TEST(GatewayRoute, MatchesAreRead) {
  const std::vector<Match> matches = RouteWith(kFull).rules[0].matches;
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_THAT(matches[0].methods, ElementsAre("GET", "HEAD"));
  EXPECT_EQ(matches[0].path->type, PathMatch::Type::kTemplate);
  EXPECT_EQ(matches[0].path->value, "/v1/quotes/{symbol}");
  using Type = ValueMatch::Type;
  EXPECT_THAT(matches[0].headers, ElementsAre(ValueMatch{"X-Api-Version", Type::kExact, "2"},
                                              ValueMatch{"X-Beta", Type::kPresent, ""}));
  EXPECT_THAT(matches[0].query, ElementsAre(ValueMatch{"days", Type::kRegex, "[0-9]{1,3}"}));
  EXPECT_THAT(matches[0].cookies, ElementsAre(ValueMatch{"canary", Type::kPrefix, "on"}));
  EXPECT_THAT(matches[1].methods, IsEmpty());
  EXPECT_THAT(matches[1].headers, IsEmpty());
}

TEST(GatewayRoute, ARegexPathMayHoldWhatNoOtherPathMay) {
  const GatewayRoute route = RouteWith(R"(
  access: Public
  rules:
  - name: all
    matches:
    - path:
        type: Regex
        value: '/a{2,3}/[^/]+(/../)?\d\.|/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}/{1}'
    upstream: {targets: [{serviceRef: {name: quotes, port: http}}]}
)");
  EXPECT_THAT(route.rules[0].mistakes, IsEmpty());
  EXPECT_EQ(route.rules[0].matches[0].path->type, PathMatch::Type::kRegex);
}

TEST(GatewayRoute, TheUpstreamIsRead) {
  const Rule rule = RouteWith(kFull).rules[0];
  ASSERT_EQ(rule.targets.size(), 2U);
  EXPECT_EQ(rule.targets[0].service.name, "quotes");
  EXPECT_EQ(std::get<std::string>(rule.targets[0].service.port), "http");
  EXPECT_EQ(rule.targets[0].weight, 90);
  EXPECT_EQ(rule.targets[0].rewrite_path, "/internal/quote/{symbol}");
  EXPECT_EQ(std::get<int>(rule.targets[1].service.port), 8080);
  EXPECT_EQ(rule.targets[1].weight, 1);
  EXPECT_EQ(rule.targets[0].protocol, Protocol::kHttp);
  EXPECT_EQ(rule.targets[1].protocol, Protocol::kH2c);
  EXPECT_EQ(rule.targets[0].rewrite_host, std::nullopt);
  EXPECT_EQ(rule.targets[1].rewrite_host, (HostRewrite{HostRewrite::Type::kUpstream, {}}));
  EXPECT_EQ(rule.targets[1].rewrite_path, std::nullopt);
  EXPECT_EQ(rule.timeouts.connect, milliseconds(500));
  EXPECT_EQ(rule.timeouts.first_byte, seconds(15));
  EXPECT_EQ(rule.timeouts.idle, seconds(90));
  EXPECT_EQ(rule.timeouts.total, minutes(2));
}

TEST(GatewayRoute, TheRetryPolicyIsRead) {
  const std::vector<Rule> rules = RouteWith(kFull).rules;
  ASSERT_TRUE(rules[0].retry.has_value());
  const Retry expected = {.attempts = 3,
                          .conditions = std::vector{RetryCondition::kReset},
                          .statuses = std::vector{502, 503},
                          .per_try_timeout = seconds(2),
                          .budget_percent = 10,
                          .methods = {"GET"}};
  EXPECT_EQ(*rules[0].retry, expected);
  EXPECT_FALSE(rules[1].retry.has_value());
}

TEST(GatewayRoute, ActiveHealthIsRead) {
  const GatewayRoute route = RouteWith(kFull);
  const ActiveHealth expected = {"/healthz", seconds(2), milliseconds(300), 4, 2};
  EXPECT_EQ(route.rules[0].active_health, expected);
  EXPECT_EQ(route.rules[1].active_health, std::nullopt);
}

TEST(GatewayRoute, PassiveHealthIsRead) {
  const std::vector<Rule> rules = RouteWith(kFull).rules;
  const PassiveHealth expected = {
      .consecutive_failures = 3, .eject_for = seconds(10), .max_ejected_percent = 40};
  EXPECT_EQ(rules[0].passive_health, expected);
  EXPECT_FALSE(rules[1].passive_health.has_value());
}

TEST(GatewayRoute, BalancingIsRead) {
  const std::vector<Rule> rules = RouteWith(kFull).rules;
  EXPECT_EQ(rules[0].balancing, (Balancing{Balancing::Type::kConsistentHash, "X-User"}));
  EXPECT_FALSE(rules[1].balancing.has_value());
}

TEST(GatewayRoute, ConnectionLimitsAreRead) {
  const std::vector<Rule> rules = RouteWith(kFull).rules;
  EXPECT_EQ(rules[0].limits, (ConnectionLimits{100, 0}));
  EXPECT_EQ(rules[1].limits, ConnectionLimits());
}

TEST(GatewayRoute, ProtocolsAreRead) {
  const std::vector<Rule> rules = RouteWith(kFull).rules;
  EXPECT_TRUE(rules[0].web_socket);
  EXPECT_FALSE(rules[1].web_socket);
}

TEST(GatewayRoute, AnEmptyListInARetryPolicyIsNotAnAbsentOne) {
  const GatewayRoute route = RouteWith(
      "  access: Public\n  rules: [{name: all, upstream: {retry: {conditions: [], statuses: []}, targets: "
      "[{serviceRef: {name: a, port: 80}}]}}]\n");
  EXPECT_THAT(route.mistakes, IsEmpty());
  const Retry& retry = *route.rules[0].retry;
  EXPECT_TRUE(retry.conditions && retry.conditions->empty());
  EXPECT_TRUE(retry.statuses && retry.statuses->empty());
  EXPECT_EQ(retry.attempts, std::nullopt);
}

TEST(GatewayRoute, TheCachePolicyIsRead) {
  const std::vector<Rule> rules = RouteWith(kFull).rules;
  ASSERT_TRUE(rules[0].cache.has_value());
  EXPECT_EQ(rules[0].cache->ttl, minutes(60));
  EXPECT_THAT(rules[0].cache->statuses, ElementsAre(200, 404));
  EXPECT_EQ(rules[0].cache->scope, CacheScope::kPlan);
  EXPECT_TRUE(rules[0].cache->key.query_listed);
  EXPECT_THAT(rules[0].cache->key.query_names, ElementsAre("days"));
  EXPECT_THAT(rules[0].cache->key.headers, ElementsAre("Accept-Language"));
  EXPECT_FALSE(rules[1].cache.has_value());
}

TEST(GatewayRoute, RulesThatAnswerThemselvesAreRead) {
  const GatewayRoute route = RouteWith(R"(
  access: Public
  rules:
  - name: moved
    type: Redirect
    matches: [{path: {type: Template, value: "/v1/{a}"}}]
    redirect: {scheme: HTTPS, host: b.example, path: "/v2/{a}", status: 308}
  - name: robots
    type: Respond
    respond: {status: 404, headers: [{name: X-A, value: "1"}], body: none}
  - {name: empty, type: Respond, respond: {}}
)");
  EXPECT_THAT(route.mistakes, IsEmpty());
  for (const Rule& rule : route.rules) EXPECT_THAT(rule.mistakes, IsEmpty()) << rule.name;
  EXPECT_EQ(route.rules[0].redirect, (Redirect{"https", "b.example", "/v2/{a}", 308}));
  EXPECT_EQ(route.rules[0].respond, std::nullopt);
  EXPECT_EQ(route.rules[1].respond, (Respond{404, {{"X-A", "1"}}, "none"}));
  EXPECT_EQ(route.rules[2].respond, Respond());
}

TEST(GatewayRoute, WhatIsAbsentStaysAbsent) {
  const GatewayRoute route = RouteWith(
      "  plans: [{name: free}]\n  rules: [{name: all, cache: {}, upstream: {targets: [{serviceRef: {name: a, "
      "port: 80}}]}}]\n");
  EXPECT_THAT(route.mistakes, IsEmpty());
  EXPECT_EQ(route.installation, std::nullopt);
  EXPECT_THAT(route.hosts, IsEmpty());
  const Rule& rule = route.rules[0];
  EXPECT_THAT(rule.matches, IsEmpty());
  EXPECT_EQ(rule.operation, std::nullopt);
  EXPECT_EQ(rule.timeouts.connect, std::nullopt);
  EXPECT_TRUE(rule.cache && !rule.cache->ttl && !rule.cache->scope);
}

// Three rules, of which the one in the middle has `body` in place of what a rule needs.
GatewayRoute RouteWithBrokenRule(const std::string& body) {
  const std::string upstream = "upstream: {targets: [{serviceRef: {name: a, port: 80}}]}";
  return RouteWith("  access: Public\n  rules:\n  - {name: first, " + upstream + "}\n  - " + body +
                   "\n  - {name: third, " + upstream + "}\n");
}

TEST(GatewayRoute, AMistakeInARuleIsThatRulesAlone) {
  const GatewayRoute route =
      RouteWithBrokenRule("{name: second, matches: [{methods: [GET]}], upstream: {targets: []}}");
  EXPECT_THAT(route.mistakes, IsEmpty());
  EXPECT_THAT(route.rules[0].mistakes, IsEmpty());
  EXPECT_THAT(route.rules[1].mistakes, ElementsAre(Field(&Mistake::field, "spec.rules[1].upstream.targets")));
  EXPECT_THAT(route.rules[2].mistakes, IsEmpty());
}

TEST(GatewayRoute, ABrokenRuleKeepsItsNameAndItsReadableMatches) {
  const GatewayRoute route =
      RouteWithBrokenRule("{name: second, matches: [{methods: [GET]}], upstream: {targets: []}}");
  EXPECT_EQ(route.rules[1].name, "second");
  EXPECT_TRUE(route.rules[1].matches_readable);
  ASSERT_EQ(route.rules[1].matches.size(), 1U);
  EXPECT_THAT(route.rules[1].matches[0].methods, ElementsAre("GET"));
}

TEST(GatewayRoute, AMistakeInTheMatchesMakesThemUnreadable) {
  const GatewayRoute route = RouteWithBrokenRule(
      "{name: second, matches: [{method: GET}], upstream: {targets: [{serviceRef: {name: a, port: 80}}]}}");
  EXPECT_FALSE(route.rules[1].matches_readable);
  EXPECT_EQ(route.rules[1].name, "second");
}

TEST(GatewayRoute, ARuleThatIsNoObjectIsKeptAsABrokenOne) {
  const GatewayRoute route = RouteWithBrokenRule("second");
  ASSERT_EQ(route.rules.size(), 3U);
  EXPECT_FALSE(route.rules[1].mistakes.empty());
  EXPECT_FALSE(route.rules[1].matches_readable);
  EXPECT_THAT(route.rules[2].mistakes, IsEmpty());
}

TEST(GatewayRoute, OfTwoRulesWithOneNameTheSecondIsRefused) {
  const GatewayRoute route =
      RouteWithBrokenRule("{name: first, upstream: {targets: [{serviceRef: {name: a, port: 80}}]}}");
  EXPECT_THAT(route.rules[0].mistakes, IsEmpty());
  EXPECT_THAT(route.rules[1].mistakes,
              ElementsAre(Mistake{"spec.rules[1]", "Duplicate value: {\"name\":\"first\"}"}));
  EXPECT_TRUE(route.rules[1].matches_readable);
}

TEST(GatewayRoute, AnObjectOfOtherTypesThroughoutNeverEndsTheProcess) {
  for (const char* value : {"1", "[]", "[1]", "{}", "text", "~", "[[]]", "{a: b}"}) {
    for (const char* field : {"hosts", "plans", "rules", "access", "installation"}) {
      const GatewayRoute route = RouteWith(std::string("  ") + field + ": " + value + "\n");
      EXPECT_FALSE(route.mistakes.empty() && route.rules.empty()) << field << ": " << value;
    }
    for (const char* field : {"name", "matches", "upstream", "operation", "cache"}) {
      const GatewayRoute route = RouteWithBrokenRule(std::string("{") + field + ": " + value + "}");
      EXPECT_FALSE(route.rules[1].mistakes.empty()) << field << ": " << value;
    }
  }
}

TEST(GatewayRoute, ARewriteMayUseTheRestOfThePath) {
  const GatewayRoute route = RouteWith(R"(
  access: Public
  rules:
  - name: files
    matches: [{path: {type: Template, value: "/files/{owner-id}/{path...}"}}]
    upstream: {targets: [{serviceRef: {name: a, port: 80}, rewrite: {path: "/by/{owner-id}/{path...}"}}]}
)");
  EXPECT_THAT(route.rules[0].mistakes, IsEmpty());
}

}  // namespace
}  // namespace tollgate::resource
