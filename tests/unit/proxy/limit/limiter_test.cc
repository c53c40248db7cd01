// Decisions as the pipeline sees them.
#include "proxy/limit/limiter.h"

#include "proxy/io/task.h"
#include "tests/unit/proxy/limit/limit_fixture.h"

namespace tollgate::limit {
namespace {

using exchange::Permitted;
using exchange::Problem;

// The plan of most tests: a limit of 2 in 10 s and 100 credits a month; calls cost 1, but for search.
CatalogBuilder Gold() {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddLimit(plan, "burst", 2, 10 * kSecond);
  CatalogBuilder::AddCost(CatalogBuilder::SetQuota(plan, 100), "search", 60);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  catalog.Add(CatalogBuilder::Consumer("bert", "gold"));
  catalog.AddRoute("quotes", {"gold"}, {"read", "search"});
  return catalog;
}

TEST_F(LimiterTest, PublicRouteIsNotLimited) {
  CatalogBuilder catalog;
  catalog.AddRoute("open", {}, {"read"});
  Serve(catalog);
  const Answer answer = Ask(Caller("", "", "open", "read"));
  EXPECT_FALSE(answer.decision.limited);
  EXPECT_TRUE(answer.decision.rate_limit.empty());
  EXPECT_FALSE(answer.decision.refusal);
}

TEST_F(LimiterTest, PlanWithoutLimitsIsNotLimited) {
  CatalogBuilder catalog;
  catalog.Add(CatalogBuilder::Plan("free"));
  catalog.Add(CatalogBuilder::Consumer("anna", "free"));
  catalog.AddRoute("quotes", {"free"}, {"read"});
  Serve(catalog);
  EXPECT_FALSE(Ask(Caller("free", "anna", "quotes", "read")).decision.limited);
  EXPECT_EQ(memory_.Held().records, 0U);
}

TEST_F(LimiterTest, HeadersNameEachLimitAndTheQuota) {
  CatalogBuilder catalog = Gold();
  Serve(catalog);
  const Answer answer = Ask(Caller("gold", "anna", "quotes", "search"));
  EXPECT_TRUE(answer.decision.limited);
  EXPECT_FALSE(answer.decision.refusal);
  EXPECT_EQ(answer.decision.verdict, "admitted");
  EXPECT_EQ(answer.decision.charged, 60U);
  EXPECT_EQ(answer.decision.store_time, kNoon);
  // From noon of November 18 to December 1: 12.5 days.
  EXPECT_EQ(answer.decision.rate_limit, R"("burst";r=1;t=10, "quota";r=40;t=1080000)");
  EXPECT_EQ(answer.decision.rate_limit_policy, R"("burst";q=2;w=10, "quota";q=100;w=2592000)");
}

TEST_F(LimiterTest, RefusalByALimitSaysWhichAndWhenToComeBack) {
  CatalogBuilder catalog = Gold();
  Serve(catalog);
  const Permitted anna = Caller("gold", "anna", "quotes", "read");
  EXPECT_TRUE(Admits(anna));
  EXPECT_TRUE(Admits(anna));
  clock_.now += 2 * kSecond + kSecond / 2;
  const Answer answer = Ask(anna);
  ASSERT_TRUE(answer.decision.refusal);
  EXPECT_EQ(answer.decision.refusal->problem, Problem::kRateLimited);
  EXPECT_EQ(answer.decision.refusal->detail, "The rate limit \"burst\" of 2 requests in 10s is reached.");
  EXPECT_EQ(answer.decision.refusal->retry_after, std::chrono::seconds(8));
  EXPECT_EQ(answer.decision.verdict, "rate-limited");
  EXPECT_EQ(answer.decision.refused_by, "burst");
  EXPECT_EQ(answer.decision.charged, 0U);
  EXPECT_EQ(answer.decision.rate_limit, R"("burst";r=0;t=8, "quota";r=98;t=1079998)");
}

TEST_F(LimiterTest, RefusalByTheQuotaSaysWhatIsLeftAndWhenItIsRenewed) {
  CatalogBuilder catalog = Gold();
  Serve(catalog);
  const Permitted anna = Caller("gold", "anna", "quotes", "search");
  EXPECT_TRUE(Admits(anna));
  const Answer answer = Ask(anna);
  ASSERT_TRUE(answer.decision.refusal);
  EXPECT_EQ(answer.decision.refusal->problem, Problem::kCreditsExhausted);
  EXPECT_EQ(answer.decision.refusal->detail,
            "The call costs more than what is left (40 of 100 credits); new ones are given at "
            "2026-12-01T00:00:00Z.");
  EXPECT_EQ(answer.decision.refusal->retry_after, std::chrono::seconds(1'080'000));
  EXPECT_EQ(answer.decision.verdict, "credits-exhausted");
  EXPECT_EQ(answer.decision.refused_by, "quota");
  // The rate limit was not charged for what the quota refused.
  EXPECT_EQ(answer.decision.rate_limit, R"("burst";r=1;t=10, "quota";r=40;t=1080000)");
}

TEST_F(LimiterTest, RetryAfterIsAtLeastASecond) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddLimit(plan, "quick", 1, 1000);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  catalog.AddRoute("quotes", {"gold"}, {"read"});
  Serve(catalog);
  const Permitted anna = Caller("gold", "anna", "quotes", "read");
  EXPECT_TRUE(Admits(anna));
  const Answer answer = Ask(anna);
  ASSERT_TRUE(answer.decision.refusal);
  EXPECT_EQ(answer.decision.refusal->retry_after, std::chrono::seconds(1));
  EXPECT_EQ(answer.decision.rate_limit_policy, R"("quick";q=1;w=1)");
}

TEST_F(LimiterTest, OverageIsAdmittedAndToldApart) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("soft");
  CatalogBuilder::SetQuota(plan, 3).set_allow_overage(true);
  plan.mutable_quota()->set_default_cost(2);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "soft"));
  catalog.AddRoute("quotes", {"soft"}, {"read"});
  Serve(catalog);
  const Permitted anna = Caller("soft", "anna", "quotes", "read");
  EXPECT_EQ(Ask(anna).decision.overage, 0U);
  const Answer answer = Ask(anna);
  EXPECT_FALSE(answer.decision.refusal);
  EXPECT_EQ(answer.decision.charged, 2U);
  EXPECT_EQ(answer.decision.overage, 1U);
  EXPECT_EQ(answer.decision.rate_limit, R"("quota";r=0;t=1080000)");
}

TEST_F(LimiterTest, ConsumersHaveLimitsOfTheirOwn) {
  CatalogBuilder catalog = Gold();
  Serve(catalog);
  const Permitted anna = Caller("gold", "anna", "quotes", "read");
  EXPECT_TRUE(Admits(anna));
  EXPECT_TRUE(Admits(anna));
  EXPECT_FALSE(Admits(anna));
  EXPECT_TRUE(Admits(Caller("gold", "bert", "quotes", "read")));
}

TEST_F(LimiterTest, OverridesAreTheConsumersAlone) {
  CatalogBuilder catalog = Gold();
  api::Consumer carl = CatalogBuilder::Consumer("carl", "gold");
  CatalogBuilder::Override(carl, "burst", 5);
  carl.set_has_credits(true);
  carl.set_credits(7);
  catalog.Add(carl);
  Serve(catalog);
  const Answer his = Ask(Caller("gold", "carl", "quotes", "read"));
  EXPECT_EQ(his.decision.rate_limit, R"("burst";r=4;t=10, "quota";r=6;t=1080000)");
  EXPECT_EQ(his.decision.rate_limit_policy, R"("burst";q=5;w=10, "quota";q=7;w=2592000)");
  const Answer hers = Ask(Caller("gold", "anna", "quotes", "read"));
  EXPECT_EQ(hers.decision.rate_limit_policy, R"("burst";q=2;w=10, "quota";q=100;w=2592000)");
}

// A bucket is cut to the size that it is asked with: by a figure of his own, Carl would empty the others'
// debt.
TEST_F(LimiterTest, OfWhatManyShareNobodyHasAFigureOfHisOwn) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddLimit(plan, "all", 1, 10 * kSecond, 2, api::RateLimit::PLAN);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  api::Consumer carl = CatalogBuilder::Consumer("carl", "gold");
  CatalogBuilder::Override(carl, "all", 1000);
  catalog.Add(carl);
  catalog.AddRoute("quotes", {"gold"}, {"read"});
  Serve(catalog);
  const Permitted anna = Caller("gold", "anna", "quotes", "read");
  EXPECT_TRUE(Admits(anna));
  EXPECT_TRUE(Admits(anna));
  EXPECT_FALSE(Admits(Caller("gold", "carl", "quotes", "read")));
  EXPECT_FALSE(Admits(anna));
}

TEST_F(LimiterTest, CreditsAreRenewedWithTheMonthAndItsLengthIsTold) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::SetQuota(plan, 1);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  catalog.AddRoute("quotes", {"gold"}, {"read"});
  Serve(catalog);
  const Permitted anna = Caller("gold", "anna", "quotes", "read");
  EXPECT_TRUE(Admits(anna));
  clock_.now += 300 * kHour - 1;
  EXPECT_FALSE(Admits(anna));
  clock_.now += 1;  // December, of 31 days
  const Answer answer = Ask(anna);
  EXPECT_FALSE(answer.decision.refusal);
  EXPECT_EQ(answer.decision.rate_limit_policy, R"("quota";q=1;w=2678400)");
  clock_.now -= 1;  // back over the edge
  EXPECT_FALSE(Admits(anna));
}

// Scope by scope: who shares a limit of one request with whom.
class ScopeTest : public LimiterTest {
 protected:
  void ServeScope(api::RateLimit::Scope scope) {
    CatalogBuilder catalog;
    for (const char* const name : {"gold", "free"}) {
      api::Plan plan = CatalogBuilder::Plan(name);
      CatalogBuilder::AddLimit(plan, "one", 1, kHour, 0, scope);
      catalog.Add(plan);
      catalog.Add(CatalogBuilder::Consumer("anna", name));
      catalog.Add(CatalogBuilder::Consumer("bert", name));
    }
    catalog.AddRoute("news", {"gold", "free"}, {"read", "search"});
    catalog.AddRoute("quotes", {"gold", "free"}, {"read", "search"});
    Serve(catalog);
  }
};

TEST_F(ScopeTest, ConsumerIsOneOverRoutesAndAddresses) {
  ServeScope(api::RateLimit::CONSUMER);
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read"), "192.0.2.1"));
  EXPECT_FALSE(Admits(Caller("gold", "anna", "quotes", "search"), "192.0.2.2"));
  EXPECT_TRUE(Admits(Caller("gold", "bert", "news", "read"), "192.0.2.1"));
  EXPECT_TRUE(Admits(Caller("free", "anna", "news", "read"), "192.0.2.1"));
}

TEST_F(ScopeTest, ConsumerAndRouteIsOneOverOperations) {
  ServeScope(api::RateLimit::CONSUMER_AND_ROUTE);
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read")));
  EXPECT_FALSE(Admits(Caller("gold", "anna", "news", "search")));
  EXPECT_TRUE(Admits(Caller("gold", "anna", "quotes", "read")));
  EXPECT_TRUE(Admits(Caller("gold", "bert", "news", "read")));
}

TEST_F(ScopeTest, ConsumerAndOperationIsOneOverRoutes) {
  ServeScope(api::RateLimit::CONSUMER_AND_OPERATION);
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read")));
  EXPECT_FALSE(Admits(Caller("gold", "anna", "quotes", "read")));
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "search")));
  EXPECT_TRUE(Admits(Caller("gold", "bert", "news", "read")));
}

TEST_F(ScopeTest, PlanIsOneOverConsumers) {
  ServeScope(api::RateLimit::PLAN);
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read")));
  EXPECT_FALSE(Admits(Caller("gold", "bert", "quotes", "search")));
  EXPECT_TRUE(Admits(Caller("free", "anna", "news", "read")));
}

TEST_F(ScopeTest, AddressIsOneOverConsumersAndPorts) {
  ServeScope(api::RateLimit::ADDRESS);
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read"), "192.0.2.1"));
  EXPECT_FALSE(Admits(Caller("gold", "bert", "news", "read"), "::ffff:192.0.2.1"));
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read"), "192.0.2.2"));
  EXPECT_TRUE(Admits(Caller("free", "anna", "news", "read"), "192.0.2.1"));
}

TEST_F(ScopeTest, Ipv6AddressesAreOneByTheirNetwork) {
  ServeScope(api::RateLimit::ADDRESS);
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read"), "2001:db8:0:1::1"));
  EXPECT_FALSE(Admits(Caller("gold", "anna", "news", "read"), "2001:db8:0:1:ffff::2"));
  EXPECT_TRUE(Admits(Caller("gold", "anna", "news", "read"), "2001:db8:0:2::1"));
}

TEST_F(ScopeTest, CallerWithoutANameIsTheAddress) {
  ServeScope(api::RateLimit::CONSUMER);
  EXPECT_TRUE(Admits(Caller("gold", "", "news", "read"), "192.0.2.1"));
  EXPECT_FALSE(Admits(Caller("gold", "", "news", "read"), "192.0.2.1"));
  EXPECT_TRUE(Admits(Caller("gold", "", "news", "read"), "192.0.2.2"));
}

TEST_F(LimiterTest, MoveToAnotherPlanKeepsTheCreditsAndNotTheRates) {
  CatalogBuilder before = Gold();
  Serve(before);
  EXPECT_TRUE(Admits(Caller("gold", "anna", "quotes", "search")));

  CatalogBuilder after;
  api::Plan plan = CatalogBuilder::Plan("silver");
  CatalogBuilder::AddLimit(plan, "burst", 2, 10 * kSecond);
  CatalogBuilder::SetQuota(plan, 80);
  catalog_.reset();
  after.Add(plan);
  after.Add(CatalogBuilder::Consumer("anna", "silver"));
  after.AddRoute("quotes", {"silver"}, {"read"});
  Serve(after);
  const Answer answer = Ask(Caller("silver", "anna", "quotes", "read"));
  EXPECT_EQ(answer.decision.rate_limit, R"("burst";r=1;t=10, "quota";r=19;t=1080000)");
}

io::Task<void> DecideInto(Limiter& limiter, const LimitTable& table, const Permitted& permitted,
                          const io::Address& peer, exchange::Arena& arena, bool& refused) {
  const LimitDecision decision = co_await limiter.Decide(table, permitted, peer, arena);
  refused = decision.refusal.has_value();
}

TEST_F(LimiterTest, CoroutineGoesOnWithoutAWait) {
  CatalogBuilder catalog = Gold();
  Serve(catalog);
  const Permitted anna = Caller("gold", "anna", "quotes", "search");
  const io::Address peer = *io::Address::FromLiteral("192.0.2.1", 1);
  exchange::Arena arena;
  bool refused = true;
  io::Detach(DecideInto(limiter_, *table_, anna, peer, arena, refused));
  EXPECT_FALSE(refused);
  io::Detach(DecideInto(limiter_, *table_, anna, peer, arena, refused));
  EXPECT_TRUE(refused);
}

// A store that is away, answering as the request says that it should.
class AbsentStore final : public store::LimitStore {
 public:
  WallMicros Time() const override { return kNoon; }

 protected:
  bool TryDecide(const store::LimitRequest&, store::LimitReply&) override { return false; }
  void StartDecide(DecideAwaiter& decide) override {
    if (decide.request.when_down == api::OPEN) decide.reply.verdict = store::LimitVerdict::kAdmitted;
    waiting_ = &decide;
  }

 public:
  // Answers whoever waits.
  void GiveUp() { std::exchange(waiting_, nullptr)->waiter.resume(); }

 private:
  DecideAwaiter* waiting_ = nullptr;
};

class AbsentStoreTest : public LimiterTest {
 protected:
  void AskWithStoreAway(api::WhenStoreIsDown when_down) {
    CatalogBuilder catalog;
    api::Plan plan = CatalogBuilder::Plan("gold");
    CatalogBuilder::AddLimit(plan, "burst", 1, kSecond);
    plan.set_when_store_is_down(when_down);
    catalog.Add(plan);
    catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
    catalog.AddRoute("quotes", {"gold"}, {"read"});
    Serve(catalog);
    AbsentStore store;
    Limiter limiter(store);
    io::Detach(Decide(limiter, Caller("gold", "anna", "quotes", "read")));
    EXPECT_FALSE(answered_);
    store.GiveUp();
    EXPECT_TRUE(answered_);
  }
  io::Task<void> Decide(Limiter& limiter, Permitted permitted) {
    const io::Address peer;
    decision_ = co_await limiter.Decide(*table_, permitted, peer, arena_);
    answered_ = true;
  }

  exchange::Arena arena_;
  LimitDecision decision_;
  bool answered_ = false;
};

TEST_F(AbsentStoreTest, OpenPlanAdmitsAndSaysNothingOfWhatRemains) {
  AskWithStoreAway(api::OPEN);
  EXPECT_TRUE(decision_.limited);
  EXPECT_EQ(decision_.verdict, "store-down");
  EXPECT_FALSE(decision_.refusal);
  EXPECT_TRUE(decision_.rate_limit.empty());
  EXPECT_TRUE(decision_.rate_limit_policy.empty());
}

TEST_F(AbsentStoreTest, ClosedPlanAnswersThatLimitsAreUnavailable) {
  AskWithStoreAway(api::CLOSED);
  EXPECT_EQ(decision_.verdict, "store-down");
  ASSERT_TRUE(decision_.refusal);
  EXPECT_EQ(decision_.refusal->problem, Problem::kLimitsUnavailable);
}

}  // namespace
}  // namespace tollgate::limit
