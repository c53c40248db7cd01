// What watches report becomes configurations: when the first one is made, and what a refused watch does to
// it.
#include "controller/publish/rebuild_loop.h"

#include <gmock/gmock.h>

#include <atomic>

#include "controller/publish/object_source.h"
#include "tests/kit/eventually.h"

namespace tollgate::publish {
namespace {

using kit::Eventually;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using SourceState = RebuildLoop::SourceState;

SourceTraits SecretsOf(const std::string& space) { return {.secrets_space = space, .essential_kind = {}}; }

class RebuildLoopTest : public ::testing::Test {
 protected:
  RebuildLoopTest() {
    options_.quiet_period = std::chrono::milliseconds(1);
    options_.quiet_cap = std::chrono::milliseconds(5);
    options_.refusal_patience = std::chrono::milliseconds(0);
    options_.on_compiled = [this](compile::Compiled compiled, const store::ObjectSet&,
                                  std::chrono::nanoseconds) {
      const std::scoped_lock lock(mutex_);
      compiled_ = std::move(compiled);
    };
  }
  ~RebuildLoopTest() override { loop_.reset(); }

  RebuildLoop& Loop() {
    if (loop_ == nullptr) loop_ = std::make_unique<RebuildLoop>(options_);
    return *loop_;
  }
  void PutPlan(const std::string& space) {
    resource::ApiPlan plan;
    plan.meta.name = {space, "gold"};
    Loop().Report([plan](store::ResourceStore& store) { return store.Upsert(plan); });
  }

  // Returns when the loop has been through with all that was reported before.
  void LetItWork() {
    // The first is taken after what came before it, the second when the look at both is over.
    for (int i = 0; i < 2; ++i) {
      std::atomic<bool> taken = false;
      Loop().Report([&taken](store::ResourceStore&) {
        taken = true;
        return false;
      });
      ASSERT_TRUE(Eventually([&] { return taken.load(); }));
    }
  }

  // "Type=False/Reason: …" of a plan's ResolvedRefs; empty where it is not compiled.
  std::string ResolvedRefs(const std::string& space) const {
    const std::scoped_lock lock(mutex_);
    for (const compile::ObjectVerdict& verdict : compiled_.verdicts) {
      if (verdict.name.space != space) continue;
      for (const compile::Condition& condition : verdict.conditions) {
        if (condition.type != "ResolvedRefs") continue;
        return (condition.status ? "True/" : "False/") + condition.reason + ": " + condition.message;
      }
    }
    return "";
  }
  bool EventuallyResolves(const std::string& space, const std::string& begin) const {
    return Eventually([&] { return ResolvedRefs(space).starts_with(begin); });
  }
  // As the snapshot says; nothing where it does not.
  std::optional<uint32_t> Proxies() const {
    const std::scoped_lock lock(mutex_);
    for (const api::Resource& resource : compiled_.snapshot.resources()) {
      api::Settings settings;
      if (resource.kind() == api::SETTINGS && settings.ParseFromString(resource.body()))
        return settings.proxies();
    }
    return std::nullopt;
  }

  RebuildOptions options_;
  mutable std::mutex mutex_;
  compile::Compiled compiled_;  // guarded by mutex_
  std::unique_ptr<RebuildLoop> loop_;
};

TEST_F(RebuildLoopTest, FirstConfigurationWaitsForEverySource) {
  const auto routes = Loop().AddSource();
  const auto secrets = Loop().AddSource(SecretsOf("market"));
  Loop().Start();
  PutPlan("market");
  Loop().ReportState(routes, SourceState::kSynced);
  LetItWork();
  EXPECT_FALSE(Loop().ready());
  Loop().ReportState(secrets, SourceState::kSynced);
  EXPECT_TRUE(Eventually([&] { return Loop().ready(); }));
  EXPECT_THAT(ResolvedRefs("market"), StartsWith("True/"));
}

TEST_F(RebuildLoopTest, RefusedSecretsBreakThePlansOfTheirNamespaceUntilTheyAreShown) {
  const auto market = Loop().AddSource(SecretsOf("market"));
  const auto rival = Loop().AddSource(SecretsOf("rival"));
  Loop().Start();
  PutPlan("market");
  PutPlan("rival");
  Loop().ReportState(market, SourceState::kRefused);
  Loop().ReportState(rival, SourceState::kSynced);
  EXPECT_TRUE(EventuallyResolves("market", "False/SecretAccessDenied"));
  EXPECT_THAT(ResolvedRefs("rival"), StartsWith("True/"));
  Loop().ReportState(market, SourceState::kSynced);
  EXPECT_TRUE(EventuallyResolves("market", "True/"));
}

TEST_F(RebuildLoopTest, SecretsThatAreRefusedForAMomentStayKnown) {
  options_.refusal_patience = std::chrono::hours(1);
  const auto market = Loop().AddSource(SecretsOf("market"));
  Loop().Start();
  PutPlan("market");
  Loop().ReportState(market, SourceState::kSynced);
  ASSERT_TRUE(EventuallyResolves("market", "True/"));
  Loop().ReportState(market, SourceState::kRefused);
  PutPlan("rival");
  EXPECT_TRUE(EventuallyResolves("rival", "True/"));
  EXPECT_THAT(ResolvedRefs("market"), StartsWith("True/"));
}

// Time itself brings it about: nothing else is reported.
TEST_F(RebuildLoopTest, SecretsThatAreRefusedForLongAreDenied) {
  options_.refusal_patience = std::chrono::milliseconds(150);
  const auto market = Loop().AddSource(SecretsOf("market"));
  Loop().Start();
  PutPlan("market");
  Loop().ReportState(market, SourceState::kSynced);
  ASSERT_TRUE(EventuallyResolves("market", "True/"));
  Loop().ReportState(market, SourceState::kRefused);
  EXPECT_TRUE(EventuallyResolves("market", "False/SecretAccessDenied"));
}

// After a restart of the controller: the proxies go on with what they have.
TEST_F(RebuildLoopTest, RoutesThatMayNotBeListedAreNoEmptyTable) {
  const SystemWallClock clock;
  ObjectSource<resource::GatewayRoute> routes(Loop(), "GatewayRoute", "*", clock);
  ObjectSource<resource::ApiPlan> plans(Loop(), "ApiPlan", "*", clock);
  kube::WatchObserver& route_watch = routes;
  kube::WatchObserver& plan_watch = plans;
  Loop().Start();
  plan_watch.OnReplaced({});
  plan_watch.OnState(kube::WatchState::kSynced, "");
  route_watch.OnState(kube::WatchState::kForbidden, "not yet");
  LetItWork();
  EXPECT_FALSE(Loop().ready());
  route_watch.OnReplaced({});
  route_watch.OnState(kube::WatchState::kSynced, "");
  EXPECT_TRUE(Eventually([&] { return Loop().ready(); }));
}

TEST_F(RebuildLoopTest, RefusedSecretsOfAllNamespacesBreakEveryPlan) {
  const auto secrets = Loop().AddSource(SecretsOf("*"));
  Loop().Start();
  PutPlan("market");
  PutPlan("rival");
  Loop().ReportState(secrets, SourceState::kRefused);
  EXPECT_TRUE(EventuallyResolves("market", "False/SecretAccessDenied"));
  EXPECT_TRUE(EventuallyResolves("rival", "False/SecretAccessDenied"));
  EXPECT_THAT(ResolvedRefs("rival"), HasSubstr("name rival in --secret-namespaces"));
}

std::string Slice(const std::string& name, const std::string& address) {
  return R"({"metadata":{"name":")" + name +
         R"(","namespace":"gateway","labels":{"kubernetes.io/service-name":"proxies"}},)" +
         R"("endpoints":[{"addresses":[")" + address + R"("]}]})";
}

// The namespace of the proxies has a watch of its own where no route is looked for there.
TEST_F(RebuildLoopTest, ProxiesAreCountedByTheWatchOfTheirOwnNamespace) {
  options_.compiler.proxy_service = resource::ObjectName{"gateway", "proxies"};
  const SystemWallClock clock;
  ObjectSource<resource::EndpointSlice> market_slices(Loop(), "EndpointSlice", "market", clock);
  ObjectSource<resource::EndpointSlice> proxy_slices(Loop(), "EndpointSlice", "gateway", clock);
  kube::WatchObserver& market = market_slices;
  kube::WatchObserver& gateway = proxy_slices;
  Loop().Start();
  market.OnReplaced({});
  market.OnState(kube::WatchState::kSynced, "");
  gateway.OnReplaced({Slice("a", "10.0.0.1"), Slice("b", "10.0.0.2")});
  gateway.OnState(kube::WatchState::kSynced, "");
  EXPECT_TRUE(Eventually([&] { return Proxies() == 2U; }));
  gateway.OnEvent(kube::ObjectChange::kAdded, Slice("c", "10.0.0.3"));
  EXPECT_TRUE(Eventually([&] { return Proxies() == 3U; }));
  // What the other namespace is now is nothing to them.
  market.OnReplaced({});
  LetItWork();
  EXPECT_EQ(Proxies(), 3U);
  gateway.OnEvent(kube::ObjectChange::kDeleted, Slice("a", "10.0.0.1"));
  EXPECT_TRUE(Eventually([&] { return Proxies() == 2U; }));
}

TEST_F(RebuildLoopTest, AWatchIsHeardWhereNothingChangesToo) {
  class Hand final : public WallClock {
   public:
    WallMicros Now() const override { return now; }
    WallMicros now = 1'000'000;
  } clock;
  ObjectSource<resource::EndpointSlice> slices(Loop(), "EndpointSlice", "gateway", clock);
  kube::WatchObserver& watch = slices;
  watch.OnState(kube::WatchState::kForbidden, "no");
  EXPECT_EQ(slices.health().last_heard(), 0);
  watch.OnOpened();
  EXPECT_EQ(slices.health().last_heard(), 1'000'000);
  clock.now = 2'000'000;
  watch.OnBookmark();
  EXPECT_EQ(slices.health().last_heard(), 2'000'000);
}

TEST_F(RebuildLoopTest, ProxiesThatMayNotBeSeenAnyMoreStayAsManyAsTheyWere) {
  options_.compiler.proxy_service = resource::ObjectName{"gateway", "proxies"};
  const SystemWallClock clock;
  ObjectSource<resource::EndpointSlice> slices(Loop(), "EndpointSlice", "gateway", clock);
  kube::WatchObserver& gateway = slices;
  Loop().Start();
  gateway.OnReplaced({Slice("a", "10.0.0.1"), Slice("b", "10.0.0.2")});
  gateway.OnState(kube::WatchState::kSynced, "");
  ASSERT_TRUE(Eventually([&] { return Proxies() == 2U; }));
  gateway.OnState(kube::WatchState::kForbidden, "no more");
  PutPlan("market");
  ASSERT_TRUE(EventuallyResolves("market", "True/"));
  EXPECT_EQ(Proxies(), 2U);
}

class SettableClock final : public WallClock {
 public:
  WallMicros Now() const override { return seconds * 1'000'000; }
  std::atomic<int64_t> seconds = 1'000;
};

TEST_F(RebuildLoopTest, ACertificateThatExpiresIsToldWithoutAnEvent) {
  SettableClock clock;
  options_.clock = &clock;
  resource::TlsSecret secret;
  secret.meta.name = {"market", "one"};
  secret.chain = "chain";
  secret.names = {"api.example.com"};
  secret.expires = 2'000;
  resource::GatewayRoute route;
  route.meta.name = {"market", "quotes"};
  route.hosts = {"api.example.com"};
  route.access = resource::Access::kPublic;
  route.tls = resource::RouteTls{{"one"}, {}, false};
  Loop().Report([&](store::ResourceStore& store) { return store.Upsert(secret) && store.Upsert(route); });
  Loop().Start();
  EXPECT_TRUE(Eventually([&] { return ResolvedRefs("market").starts_with("True/ResolvedRefs"); }));
  clock.seconds = 2'000;
  EXPECT_TRUE(Eventually([&] { return ResolvedRefs("market").starts_with("False/InvalidCertificateRef"); }));
}

}  // namespace
}  // namespace tollgate::publish
