// The limit store while its server, or the way to it, is at fault: what is answered, how long it takes, and
// that the counts are right afterwards.
#include <gmock/gmock.h>

#include <atomic>
#include <random>

#include "tests/unit/proxy/store/redis/limit_fault_fixture.h"

namespace tollgate::store {
namespace {

using kit::Eventually;
using kit::TcpRelay;
using ::testing::HasSubstr;
using ::testing::Not;

class LimitFaults : public LimitFaultFixture {};

TEST_F(LimitFaults, WithoutAFaultTheStoreDecidesAll) {
  Start();
  const RequestBuilder caller = Caller(1, 100, 30);
  const Tally tally = Decide(caller, 50);
  EXPECT_EQ(tally.admitted, 30u);
  EXPECT_EQ(tally.refused, 20u);
  EXPECT_EQ(Used(), "30");
  EXPECT_FALSE(node_->node().open());
}

TEST_F(LimitFaults, CoresCountTogetherAndShareTheCircuit) {
  LimitNodeOptions options = Options();
  options.deadline = std::chrono::hours(1);
  Start(options);
  LimitCore other(*node_);
  const RequestBuilder caller = Caller(1, 1000, 300);
  const LimitRequest& request = caller;
  std::vector<LimitCore::Reply> some = core_->Ask(request, 200);
  std::vector<LimitCore::Reply> more = other.Ask(request, 200);
  EXPECT_EQ(TallyOf(std::move(some)).admitted + TallyOf(std::move(more)).admitted, 300u);
  EXPECT_EQ(Used(), "300");
  server_.Freeze();
  LimitCore::Reply waits = other.Ask(request);
  node_->node().Trip("another core says so");
  EXPECT_TRUE(IsReady(waits));
}

// The commands run, nobody hears of it: what they charged is taken back.
TEST_F(LimitFaults, WhatWasChargedWhileAnswersWereLostIsTakenBack) {
  Start();
  const RequestBuilder caller = Caller(1, 100, 100);
  EXPECT_EQ(Decide(caller, 10).admitted, 10u);
  relay_.Lose(TcpRelay::Way::kToClient);
  EXPECT_EQ(Decide(caller, 20).without, 20u);
  EXPECT_GT(std::stoi(Used()), 10);
  relay_.Mend();
  EXPECT_TRUE(UsedBecomes(10)) << Used();
}

TEST_F(LimitFaults, WhatThePlanAdmittedMeanwhileIsEntered) {
  Start();
  const RequestBuilder caller = Caller(1, 100, 100, api::OPEN);
  EXPECT_EQ(Decide(caller, 10).admitted, 10u);
  relay_.Lose(TcpRelay::Way::kToClient);
  EXPECT_EQ(Decide(caller, 130).local, 130u);
  relay_.Mend();
  EXPECT_TRUE(UsedBecomes(140)) << Used();
}

TEST_F(LimitFaults, ALostCommandIsLikeALostAnswer) {
  Start();
  const RequestBuilder caller = Caller(1, 100, 100, api::LOCAL);
  EXPECT_EQ(Decide(caller, 10).admitted, 10u);
  relay_.Lose(TcpRelay::Way::kToServer);
  EXPECT_EQ(Decide(caller, 20).local, 20u);
  relay_.Mend();
  EXPECT_TRUE(UsedBecomes(30)) << Used();
}

TEST_F(LimitFaults, CommandsOfAFrozenServerAreVoidWhenItWakes) {
  LimitNodeOptions options = Options();
  options.deadline = milliseconds(100);
  Start(options);
  ASSERT_TRUE(StoreDecidesAgain());
  const RequestBuilder caller = Caller(1, 10, 100);
  const LimitRequest& request = caller;
  LimitRequest rates_alone = request;
  rates_alone.has_quota = false;
  ASSERT_EQ(Decide(caller, 3).admitted, 3u);
  server_.Freeze();
  EXPECT_EQ(Decide(caller, 3).without, 3u);
  EXPECT_EQ(Decide(rates_alone, 3).without, 3u);
  ASSERT_TRUE(CircuitOpens());
  server_.Thaw();
  ASSERT_TRUE(StoreDecidesAgain());
  EXPECT_EQ(Used(), "3");
  const Tally after = Decide(caller, 20);
  EXPECT_EQ(after.admitted, 7u);
  EXPECT_EQ(after.refused, 13u);
  EXPECT_EQ(Used(), "10");
}

TEST_F(LimitFaults, AServerThatIsKilledAndStartedAgainKnowsWhatWasCounted) {
  Start();
  const RequestBuilder caller = Caller(1, 10, 100, api::LOCAL);
  EXPECT_EQ(Decide(caller, 4).admitted, 4u);
  server_.Kill();
  ASSERT_TRUE(CircuitOpens());
  EXPECT_EQ(Decide(caller, 2).local, 2u);
  server_.Start();
  ASSERT_TRUE(StoreDecidesAgain());
  EXPECT_TRUE(UsedBecomes(6)) << Used();
  EXPECT_EQ(Decide(caller, 20).admitted, 6u);
  EXPECT_EQ(Used(), "12");
}

TEST_F(LimitFaults, AScriptThatIsForgottenIsSentAgain) {
  Start();
  const RequestBuilder caller = Caller(1, 1000, 1000);
  LimitRequest rates_alone = caller;
  rates_alone.has_quota = false;
  for (int round = 0; round < 3; ++round) {
    server_.Ask({"SCRIPT", "FLUSH"});
    EXPECT_EQ(Decide(caller, 100).admitted, 100u);
    server_.Ask({"SCRIPT", "FLUSH"});
    EXPECT_EQ(Decide(rates_alone, 50).admitted, 50u);
  }
  EXPECT_EQ(Used(), "300");
  EXPECT_EQ(node_->node().outages(), 0u);
}

TEST_F(LimitFaults, ASlowStoreIsNotUsedUntilItIsQuickAgain) {
  LimitNodeOptions options = Options();
  options.slow_after = milliseconds(100);
  Start(options);
  const RequestBuilder caller = Caller(1, 1'000'000, 1'000'000, api::LOCAL);
  ASSERT_TRUE(StoreDecidesAgain());
  relay_.Delay(milliseconds(80));  // each way: slower than it may be, and not yet silent
  EXPECT_TRUE(Eventually([&] {
    (void)Decide(caller, 3);
    return node_->node().open();
  }));
  EXPECT_THAT(node_->node().trouble(), HasSubstr("took longer than 100 ms"));
  EXPECT_EQ(Decide(caller, 10).local, 10u);
  relay_.Delay(milliseconds(0));
  const SteadyTime quick = SteadyNow();
  ASSERT_TRUE(StoreDecidesAgain());
  std::printf("used again after %ld ms\n",
              static_cast<long>(std::chrono::duration_cast<milliseconds>(SteadyNow() - quick).count()));
}

// Else a store on the edge of what counts as slow could be used, and never be found.
TEST_F(LimitFaults, AStoreIsTriedWithOneRoundTrip) {
  LimitNodeOptions options = Options();
  options.slow_after = milliseconds(220);
  relay_.Delay(milliseconds(70));  // each way: one round trip is 140 ms, two are 280 ms
  Start(options);
  EXPECT_TRUE(Eventually([&] { return !node_->node().open(); })) << node_->node().trouble();
}

TEST_F(LimitFaults, WhetherAStoreThrowsRecordsAwayIsFollowedWhileItIsUsed) {
  LimitNodeOptions options = Options();
  options.policy_every = milliseconds(50);
  Start(options);
  ASSERT_TRUE(StoreDecidesAgain());
  EXPECT_FALSE(node_->evicts());
  server_.Ask({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  EXPECT_TRUE(kit::Eventually([this] { return node_->evicts(); }));
  server_.Ask({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  EXPECT_TRUE(kit::Eventually([this] { return !node_->evicts(); }));
  EXPECT_EQ(node_->node().outages(), 0u);
}

// The store admits them, too, and hears that it was for nobody.
TEST_F(LimitFaults, WhoHasWaitedForTheDeadlineIsAnsweredByThePlanAndCountsOnce) {
  LimitNodeOptions options = Options();
  options.deadline = milliseconds(100);
  Start(options);
  ASSERT_TRUE(StoreDecidesAgain());
  relay_.Delay(milliseconds(60));  // each way: a command comes in time, its answer does not
  EXPECT_EQ(Decide(Caller(1, 100, 100, api::LOCAL), 5).local, 5u);
  EXPECT_EQ(Decide(Caller(1, 100, 100, api::CLOSED), 5).without, 5u);
  relay_.Delay(milliseconds(0));
  EXPECT_TRUE(UsedBecomes(5)) << Used();
}

TEST_F(LimitFaults, AnAnswerThatIsThereCountsHoweverLateTheCoreIs) {
  LimitNodeOptions options = Options();
  options.deadline = milliseconds(100);
  Start(options);
  ASSERT_TRUE(StoreDecidesAgain());
  const RequestBuilder caller = Caller(1, 100, 100);
  const LimitRequest& request = caller;
  for (int i = 0; i < 5; ++i) {
    LimitCore::Reply reply = core_->Ask(request);
    core_->Block(milliseconds(150));
    ASSERT_TRUE(IsReady(reply));
    EXPECT_EQ(reply.get().answerer, Answerer::kStore) << i;
  }
}

// By the deadline where that comes first; and when the circuit opens, where the deadline would be far.
TEST_F(LimitFaults, NobodyWaitsForAFrozenServer) {
  LimitNodeOptions options = Options();
  options.deadline = milliseconds(50);
  Start(options);
  ASSERT_TRUE(StoreDecidesAgain());
  const RequestBuilder caller = Caller(1, 1'000'000, 1'000'000, api::LOCAL);
  server_.Freeze();
  size_t late = 0;
  SteadyTime::duration longest{};
  for (int i = 0; i < 30; ++i) {
    const Tally tally = Decide(caller, 20);
    EXPECT_EQ(tally.local, 20u);
    late += tally.longest > milliseconds(50) ? 1 : 0;
    longest = std::max(longest, tally.longest);
  }
  std::printf("the longest of 600 waited %ld ms; in %zu of 30 rounds somebody beyond the deadline of 50 ms\n",
              static_cast<long>(std::chrono::duration_cast<milliseconds>(longest).count()), late);
  EXPECT_LT(longest, seconds(1));
  EXPECT_TRUE(node_->node().open());
}

TEST_F(LimitFaults, WhoWaitsIsAnsweredWhenTheCircuitOpens) {
  LimitNodeOptions options = Options();
  options.deadline = std::chrono::hours(1);
  Start(options);
  ASSERT_TRUE(StoreDecidesAgain());
  const RequestBuilder caller = Caller(1, 100, 100);
  const LimitRequest& request = caller;
  LimitRequest rates_alone = request;
  rates_alone.has_quota = false;
  server_.Freeze();
  std::vector<LimitCore::Reply> replies = core_->Ask(request, 100);
  std::vector<LimitCore::Reply> more = core_->Ask(rates_alone, 10);
  EXPECT_EQ(TallyOf(std::move(replies)).without, 100u);
  EXPECT_EQ(TallyOf(std::move(more)).without, 10u);
}

TEST_F(LimitFaults, WhoWaitsIsAnsweredWhenTheLoopEnds) {
  LimitNodeOptions options = Options();
  options.deadline = std::chrono::hours(1);
  Start(options);
  ASSERT_TRUE(StoreDecidesAgain());
  const RequestBuilder caller = Caller(1, 100, 100, api::OPEN);
  const LimitRequest& request = caller;
  LimitRequest rates_alone = request;
  rates_alone.has_quota = false;
  server_.Freeze();
  std::vector<LimitCore::Reply> replies = core_->Ask(request, 100);
  std::vector<LimitCore::Reply> more = core_->Ask(rates_alone, 10);
  core_->Stop();
  EXPECT_EQ(TallyOf(std::move(replies)).local, 100u);
  EXPECT_EQ(TallyOf(std::move(more)).local, 10u);
}

TEST_F(LimitFaults, AConnectionThatIsResetInTheMiddleOfAnAnswerIsMadeAgain) {
  Start();
  const RequestBuilder caller = Caller(1, 100'000, 100'000, api::LOCAL);
  size_t served = 0;
  for (const size_t bytes : {1, 30, 100, 700}) {
    ASSERT_TRUE(StoreDecidesAgain());
    relay_.ResetAfter(bytes);
    for (int i = 0; i < 100 && !node_->node().open(); ++i) {
      const Tally tally = Decide(caller, 10);
      served += tally.admitted + tally.local;
      EXPECT_EQ(tally.never, 0u);
    }
    EXPECT_TRUE(node_->node().open());
    relay_.Mend();
  }
  EXPECT_TRUE(UsedBecomes(served)) << Used() << " and not " << served;
}

// All at random, for a while, under load; then the books agree to the credit.
class RandomFaults : public LimitFaults {
 protected:
  void Break() {
    switch (random_() % 6) {
      case 0: return relay_.Lose(TcpRelay::Way::kToClient);
      case 1: return relay_.Lose(TcpRelay::Way::kToServer);
      case 2: return relay_.ResetAfter(random_() % 2000);
      case 3: return relay_.Delay(milliseconds(10 + random_() % 100));
      case 4: return relay_.Silence();
      default: return relay_.Cut();
    }
  }
  void Mend() {
    relay_.Delay(milliseconds(0));
    relay_.Mend();
  }
  // Until the store has decided so many more.
  void LetDecide(size_t count) {
    const size_t before = admitted_;
    Eventually([&] { return admitted_ >= before + count; }, seconds(3));
  }

  std::mt19937_64 random_{7};
  std::atomic<size_t> admitted_ = 0;  // by the store
};

TEST_F(RandomFaults, WhatIsChargedIsWhatWasServed) {
  LimitNodeOptions options = Options();
  options.deadline = milliseconds(60);
  options.slow_after = milliseconds(60);
  Start(options);
  const std::vector<RequestBuilder> callers = {Caller(1, 1'000'000'000, 1'000'000'000, api::LOCAL),
                                               Caller(1, 1'000'000'000, 1'000'000'000, api::CLOSED)};
  std::atomic<bool> over = false;
  std::thread faults([&] {
    for (int i = 0; i < 6; ++i) {
      LetDecide(random_() % 1000);
      Break();
      Eventually([&] { return node_->node().open(); }, milliseconds(random_() % 300));
      Mend();
    }
    over = true;
  });
  size_t local = 0;
  size_t without = 0;
  while (!over) {
    for (const RequestBuilder& caller : callers) {
      const Tally tally = Decide(caller, 20);
      EXPECT_EQ(tally.never, 0u);
      admitted_ += tally.admitted;
      local += tally.local;
      without += tally.without;
    }
    // Else most would be asked while nobody is.
    if (node_->node().open()) std::this_thread::sleep_for(milliseconds(1));
  }
  faults.join();
  std::printf("%zu admitted by the store, %zu and %zu admitted and refused without it, %lu outages\n",
              admitted_.load(), local, without, node_->node().outages());
  ASSERT_TRUE(StoreDecidesAgain());
  EXPECT_TRUE(UsedBecomes(admitted_ + local)) << Used() << " and not " << admitted_ + local;
}

}  // namespace
}  // namespace tollgate::store
