// What is absent in an object has the meaning that the API's documentation gives it.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class DefaultsTest : public CompilerTest {
 protected:
  DefaultsTest() { PutSurroundings(); }

  api::Rule CompiledRuleOf(const resource::GatewayRoute& route) {
    Put(route);
    Compile();
    return RouteNamed(route.meta.name.ToString()).value_or(api::Route()).rules(0);
  }
  api::Plan CompiledPlanOf(const resource::ApiPlan& plan) {
    Put(plan);
    Compile();
    return PlanNamed(plan.meta.name.ToString()).value_or(api::Plan());
  }
};

TEST_F(DefaultsTest, OperationIsTheRulesName) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  EXPECT_EQ(CompiledRuleOf(route).operation(), "all");
  route.rules[0].operation = "quotes.read";
  EXPECT_EQ(CompiledRuleOf(route).operation(), "quotes.read");
}

TEST_F(DefaultsTest, RefusalsAreProblemsUnlessThereAreTemplates) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  (void)CompiledRuleOf(route);
  EXPECT_THAT(RouteNamed("market/quotes")->errors(), IsEmpty());
  route.error_templates = {{"rate-limited", "text/plain", "slower"}, {"", "text/html", "<p>"}};
  (void)CompiledRuleOf(route);
  const api::Route compiled = *RouteNamed("market/quotes");
  ASSERT_EQ(compiled.errors_size(), 2);
  EXPECT_EQ(compiled.errors(0).slug(), "");
  EXPECT_EQ(compiled.errors(0).body(), "<p>");
  EXPECT_EQ(compiled.errors(1).content_type(), "text/plain");
}

TEST_F(DefaultsTest, RuleWithoutMatchesServesEveryRequest) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].matches.clear();
  const api::Rule rule = CompiledRuleOf(route);
  ASSERT_EQ(rule.matches_size(), 1);
  EXPECT_THAT(rule.matches(0).methods(), IsEmpty());
  EXPECT_FALSE(rule.matches(0).has_path());
}

TEST_F(DefaultsTest, TimeoutsExceptTotal) {
  const api::Timeouts timeouts = CompiledRuleOf(MakeRoute("market/quotes")).timeouts();
  EXPECT_EQ(timeouts.connect_ms(), 1'000u);
  EXPECT_EQ(timeouts.first_byte_ms(), 15'000u);
  EXPECT_EQ(timeouts.idle_ms(), 60'000u);
  EXPECT_EQ(timeouts.total_ms(), 0u);
}

TEST_F(DefaultsTest, TheProtocolIsHttp11UnlessAnotherIsGiven) {
  using resource::Protocol;
  Put(MakeService("market/quotes"));
  resource::GatewayRoute route = MakeRoute("market/quotes");
  EXPECT_EQ(CompiledRuleOf(route).targets(0).protocol(), api::Target::HTTP1);
  route.rules[0].targets[0].protocol = Protocol::kH2c;
  EXPECT_EQ(CompiledRuleOf(route).targets(0).protocol(), api::Target::HTTP2);
  route.rules[0].targets[0].protocol = Protocol::kGrpc;
  EXPECT_EQ(CompiledRuleOf(route).targets(0).protocol(), api::Target::GRPC);
}

TEST_F(DefaultsTest, TheFirstMessageOfGrpcMayComeAsLateAsAnyOther) {
  Put(MakeService("market/quotes"));
  resource::GatewayRoute route = MakeRoute("market/quotes");
  resource::Rule& rule = route.rules[0];
  rule.targets[0].protocol = resource::Protocol::kGrpc;
  EXPECT_EQ(CompiledRuleOf(route).timeouts().first_byte_ms(), 60'000u);
  rule.timeouts.idle = 10min;
  EXPECT_EQ(CompiledRuleOf(route).timeouts().first_byte_ms(), 600'000u);
  rule.timeouts.idle = 1s;
  EXPECT_EQ(CompiledRuleOf(route).timeouts().first_byte_ms(), 15'000u);
  rule.timeouts.first_byte = 2s;
  EXPECT_EQ(CompiledRuleOf(route).timeouts().first_byte_ms(), 2'000u);
  rule.timeouts = {};
  rule.targets.push_back(MakeRoute("market/quotes").rules[0].targets[0]);
  EXPECT_EQ(CompiledRuleOf(route).timeouts().first_byte_ms(), 15'000u) << "of HTTP, too";
}

TEST_F(DefaultsTest, HostIsTheCallersUnlessItIsRewritten) {
  using Type = resource::HostRewrite::Type;
  resource::Service service = MakeService("market/quotes");
  service.ports.push_back({.name = "metrics", .port = 9090});
  Put(service);
  resource::GatewayRoute route = MakeRoute("market/quotes");
  resource::Target& target = route.rules[0].targets[0];
  EXPECT_EQ(CompiledRuleOf(route).targets(0).rewrite_host(), "");
  target.rewrite_host = resource::HostRewrite{Type::kOriginal, {}};
  EXPECT_EQ(CompiledRuleOf(route).targets(0).rewrite_host(), "");
  target.rewrite_host = resource::HostRewrite{Type::kUpstream, {}};
  EXPECT_EQ(CompiledRuleOf(route).targets(0).rewrite_host(), "quotes.market.svc");
  target.service.port = 9090;
  EXPECT_EQ(CompiledRuleOf(route).targets(0).rewrite_host(), "quotes.market.svc:9090");
  target.rewrite_host = resource::HostRewrite{Type::kName, "inner.example"};
  EXPECT_EQ(CompiledRuleOf(route).targets(0).rewrite_host(), "inner.example");
}

TEST_F(DefaultsTest, GivenTimeoutsStand) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].timeouts = {.connect = 20ms, .first_byte = 2s, .idle = 3s, .total = 4s};
  const api::Timeouts timeouts = CompiledRuleOf(route).timeouts();
  EXPECT_EQ(timeouts.connect_ms(), 20u);
  EXPECT_EQ(timeouts.first_byte_ms(), 2'000u);
  EXPECT_EQ(timeouts.idle_ms(), 3'000u);
  EXPECT_EQ(timeouts.total_ms(), 4'000u);
}

TEST_F(DefaultsTest, WithoutARetryBlockOnlyConnectionsAreTriedAgain) {
  const api::Retry retry = CompiledRuleOf(MakeRoute("market/quotes")).retry();
  EXPECT_EQ(retry.attempts(), 2u);
  EXPECT_TRUE(retry.connect_failure());
  EXPECT_FALSE(retry.reset());
  EXPECT_THAT(retry.statuses(), IsEmpty());
  EXPECT_THAT(retry.methods(), IsEmpty());
}

TEST_F(DefaultsTest, ARetryBlockHasTheDocumentedDefaults) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].retry.emplace();
  const api::Retry retry = CompiledRuleOf(route).retry();
  EXPECT_EQ(retry.attempts(), 2u);
  EXPECT_TRUE(retry.connect_failure());
  EXPECT_TRUE(retry.reset());
  EXPECT_THAT(retry.statuses(), ElementsAre(503));
  EXPECT_EQ(retry.per_try_ms(), 5'000u);
  EXPECT_EQ(retry.budget_percent(), 20u);
  EXPECT_THAT(retry.methods(), ElementsAre("DELETE", "GET", "HEAD", "OPTIONS", "PUT"));
}

TEST_F(DefaultsTest, AGivenRetryBlockStands) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  resource::Retry& given = route.rules[0].retry.emplace();
  given = {.attempts = 0,
           .conditions = std::vector<resource::RetryCondition>{},
           .statuses = std::vector<int>{504, 500},
           .per_try_timeout = {},
           .budget_percent = 7,
           .methods = {"PUT", "GET"}};
  const api::Retry retry = CompiledRuleOf(route).retry();
  EXPECT_EQ(retry.attempts(), 0u);
  EXPECT_FALSE(retry.connect_failure());
  EXPECT_FALSE(retry.reset());
  EXPECT_THAT(retry.statuses(), ElementsAre(500, 504));
  EXPECT_EQ(retry.per_try_ms(), 0u) << "a try that takes long counts as Reset";
  EXPECT_EQ(retry.budget_percent(), 7u);
  EXPECT_THAT(retry.methods(), ElementsAre("GET", "PUT"));
}

TEST_F(DefaultsTest, WithoutAHealthBlockEveryEndpointIsAsked) {
  EXPECT_FALSE(CompiledRuleOf(MakeRoute("market/quotes")).has_passive_health());
}

TEST_F(DefaultsTest, ActiveHealthHasTheDocumentedDefaults) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].active_health = resource::ActiveHealth{"/healthz", {}, {}, {}, {}};
  const api::Rule rule = CompiledRuleOf(route);
  EXPECT_EQ(rule.active_health().path(), "/healthz");
  EXPECT_EQ(rule.active_health().interval_ms(), 5'000U);
  EXPECT_EQ(rule.active_health().timeout_ms(), 1'000U);
  EXPECT_EQ(rule.active_health().unhealthy_after(), 3U);
  EXPECT_EQ(rule.active_health().healthy_after(), 1U);
  // No request is held against an endpoint, but not all may be left out.
  EXPECT_EQ(rule.passive_health().consecutive_failures(), 0U);
  EXPECT_EQ(rule.passive_health().max_ejected_percent(), 50U);
}

TEST_F(DefaultsTest, PassiveHealthHasTheDocumentedDefaults) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].passive_health.emplace();
  const api::PassiveHealth health = CompiledRuleOf(route).passive_health();
  EXPECT_EQ(health.consecutive_failures(), 5u);
  EXPECT_EQ(health.eject_for_ms(), 30'000u);
  EXPECT_EQ(health.max_ejected_percent(), 50u);
}

TEST_F(DefaultsTest, GivenPassiveHealthStands) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].passive_health = {.consecutive_failures = 3, .eject_for = 4s, .max_ejected_percent = 5};
  const api::PassiveHealth health = CompiledRuleOf(route).passive_health();
  EXPECT_EQ(health.consecutive_failures(), 3u);
  EXPECT_EQ(health.eject_for_ms(), 4'000u);
  EXPECT_EQ(health.max_ejected_percent(), 5u);
}

TEST_F(DefaultsTest, BalancingIsByLeastRequests) {
  EXPECT_EQ(CompiledRuleOf(MakeRoute("market/quotes")).balancing().type(), api::Balancing::LEAST_REQUESTS);
}

TEST_F(DefaultsTest, GivenBalancingStands) {
  using Type = resource::Balancing::Type;
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].balancing = {.type = Type::kConsistentHash, .header = "X-User"};
  const api::Balancing hash = CompiledRuleOf(route).balancing();
  EXPECT_EQ(hash.type(), api::Balancing::CONSISTENT_HASH);
  EXPECT_EQ(hash.header(), "X-User");
  route.rules[0].balancing = {.type = Type::kRoundRobin, .header = {}};
  EXPECT_EQ(CompiledRuleOf(route).balancing().type(), api::Balancing::ROUND_ROBIN);
}

TEST_F(DefaultsTest, ConnectionsAreLimited) {
  const api::ConnectionLimits limits = CompiledRuleOf(MakeRoute("market/quotes")).limits();
  EXPECT_EQ(limits.connections(), 1024u);
  EXPECT_EQ(limits.pending(), 1024u);
}

TEST_F(DefaultsTest, GivenConnectionLimitsStand) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].limits = {.connections = 3, .pending = 0};
  const api::ConnectionLimits limits = CompiledRuleOf(route).limits();
  EXPECT_EQ(limits.connections(), 3u);
  EXPECT_EQ(limits.pending(), 0u);
}

TEST_F(DefaultsTest, WebSocketsAreHandedOnWhereTheRuleSaysSo) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  EXPECT_FALSE(CompiledRuleOf(route).web_socket());
  route.rules[0].web_socket = true;
  EXPECT_TRUE(CompiledRuleOf(route).web_socket());
}

TEST_F(DefaultsTest, NothingIsCachedWithoutACacheBlock) {
  EXPECT_FALSE(CompiledRuleOf(MakeRoute("market/quotes")).has_cache());
}

TEST_F(DefaultsTest, CacheStatusesAreTheHeuristicallyCacheableOnes) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].cache.emplace();
  const api::Cache cache = CompiledRuleOf(route).cache();
  EXPECT_THAT(cache.statuses(), ElementsAre(200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501));
  EXPECT_EQ(cache.ttl_ms(), 0u);
  EXPECT_FALSE(cache.query_listed());
}

TEST_F(DefaultsTest, CacheScopeIsConsumerOnAPlansRouteAndSharedOnAPublicOne) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].cache.emplace();
  EXPECT_EQ(CompiledRuleOf(route).cache().scope(), api::Cache::CONSUMER);
  route.access = resource::Access::kPublic;
  route.plans.clear();
  EXPECT_EQ(CompiledRuleOf(route).cache().scope(), api::Cache::SHARED);
  route.rules[0].cache->scope = resource::CacheScope::kPlan;
  EXPECT_EQ(CompiledRuleOf(route).cache().scope(), api::Cache::PLAN);
}

TEST_F(DefaultsTest, CacheKeyIsSortedAndInLowerCase) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].cache = resource::CachePolicy{
      .ttl = 1h,
      .statuses = {404, 200, 404},
      .scope = {},
      .key = {.query_listed = true, .query_names = {"b", "a"}, .headers = {"Accept-Language", "accept"}}};
  const api::Cache cache = CompiledRuleOf(route).cache();
  EXPECT_EQ(cache.ttl_ms(), 3'600'000u);
  EXPECT_THAT(cache.statuses(), ElementsAre(200, 404));
  EXPECT_THAT(cache.query_names(), ElementsAre("a", "b"));
  EXPECT_THAT(cache.header_names(), ElementsAre("accept", "accept-language"));
}

TEST_F(DefaultsTest, PathsAreMatchedInCanonicalForm) {
  resource::GatewayRoute route = MakeRoute("market/quotes");
  route.rules[0].matches[0].path->value = "/%7euser/%c3%a9";
  EXPECT_EQ(CompiledRuleOf(route).matches(0).path().value(), "/~user/%C3%A9");
  route.rules[0].matches[0].path = {resource::PathMatch::Type::kTemplate, "/%41/{symbol}/{rest...}"};
  EXPECT_EQ(CompiledRuleOf(route).matches(0).path().value(), "/A/{symbol}/{rest...}");
}

TEST_F(DefaultsTest, KeysStandInTheXApiKeyHeader) {
  const api::Plan plan = CompiledPlanOf(MakePlan("market/gold"));
  ASSERT_EQ(plan.key_locations_size(), 1);
  EXPECT_EQ(plan.key_locations(0).type(), api::KeyLocation::HEADER);
  EXPECT_EQ(plan.key_locations(0).name(), "x-api-key");
  EXPECT_FALSE(plan.forward_key());
}

TEST_F(DefaultsTest, GivenKeyLocationsStandInTheirOrder) {
  using Type = resource::KeyLocation::Type;
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.api_keys = resource::ApiKeys{
      .from = {{Type::kQuery, "Key"}, {Type::kHeader, "Authorization"}, {Type::kCookie, "Key"}},
      .forward = true};
  const api::Plan compiled = CompiledPlanOf(plan);
  ASSERT_EQ(compiled.key_locations_size(), 3);
  EXPECT_EQ(compiled.key_locations(0).name(), "Key");
  EXPECT_EQ(compiled.key_locations(1).name(), "authorization");
  EXPECT_EQ(compiled.key_locations(2).type(), api::KeyLocation::COOKIE);
  EXPECT_TRUE(compiled.forward_key());
}

TEST_F(DefaultsTest, PlanAllowsAllOperationsUnlessItListsThem) {
  resource::ApiPlan plan = MakePlan("market/gold");
  EXPECT_TRUE(CompiledPlanOf(plan).allow_all_operations());
  plan.allow_operations = {"quotes.*"};
  EXPECT_FALSE(CompiledPlanOf(plan).allow_all_operations());
  EXPECT_THAT(CompiledPlanOf(plan).allow_operations(), ElementsAre("quotes.*"));
  plan.allow_operations = std::vector<std::string>();
  EXPECT_FALSE(CompiledPlanOf(plan).allow_all_operations()) << "an empty list allows nothing";
}

TEST_F(DefaultsTest, RateLimitIsEachConsumersTrailingWindow) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.rate_limits = {{.name = "burst", .requests = 50, .per = 1s, .burst = {}, .scope = {}}};
  const api::RateLimit limit = CompiledPlanOf(plan).rate_limits(0);
  EXPECT_EQ(limit.scope(), api::RateLimit::CONSUMER);
  EXPECT_EQ(limit.burst(), 0u);
  EXPECT_EQ(limit.per_us(), 1'000'000u);
}

TEST_F(DefaultsTest, QuotaCostsOneCreditARequestAndIsHard) {
  resource::ApiPlan plan = MakePlan("market/gold");
  EXPECT_FALSE(CompiledPlanOf(plan).has_quota());
  plan.quota.emplace().credits = 1000;
  const api::Quota quota = CompiledPlanOf(plan).quota();
  EXPECT_EQ(quota.default_cost(), 1u);
  EXPECT_FALSE(quota.allow_overage());
  EXPECT_EQ(quota.calendar(), api::Quota::MONTH);
}

TEST_F(DefaultsTest, LimitsAreKeptLocallyWhileTheStoreIsDown) {
  EXPECT_EQ(CompiledPlanOf(MakePlan("market/gold")).when_store_is_down(), api::LOCAL);
}

}  // namespace
}  // namespace tollgate::compile
