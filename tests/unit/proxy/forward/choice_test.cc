// Which endpoints a request is sent to, one after the other.
#include "proxy/forward/choice.h"

#include <gmock/gmock.h>

#include <optional>

#include "tests/kit/snapshot_builder.h"

namespace tollgate::forward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class EndpointChoiceTest : public ::testing::Test {
 protected:
  EndpointChoiceTest() {
    builder_.Upstream("a/u:80", {"10.0.0.1", "10.0.0.2"});
    catalog_ = builder_.Build();
    table_.emplace(*catalog_, book_);
  }
  // Another snapshot comes while the old one is still in use.
  void Swap() {
    const std::optional<UpstreamTable> old = std::move(table_);
    catalog_ = builder_.Build();
    table_.emplace(*catalog_, book_);
  }
  // The choice of one more request.
  EndpointChoice& Begin() { return choice_.emplace(*table_, rule_, 0, http::Fields()); }
  Endpoint& At(const char* address) { return *book_.Get(address, 80); }
  Endpoint* Next(uint64_t random = 0) { return choice_->Next(random, now_); }

  api::Rule rule_;
  kit::SnapshotBuilder builder_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  EndpointBook book_;
  std::optional<UpstreamTable> table_;
  std::optional<EndpointChoice> choice_;
  SteadyTime now_ = SteadyNow();
};

TEST_F(EndpointChoiceTest, AnotherOneComesFirst) {
  for (uint64_t random = 0; random < 4; ++random) {
    Begin();
    Endpoint* const first = Next(random);
    choice_->LeaveOut(*first, Ending::kReset);
    Endpoint* const second = Next(random);
    EXPECT_NE(second, first);
    choice_->LeaveOut(*second, Ending::kSilent);
    EXPECT_NE(Next(random), nullptr);
  }
}

TEST_F(EndpointChoiceTest, OneThatCouldNotBeReachedIsNotAskedAgain) {
  Begin().LeaveOut(At("10.0.0.2"), Ending::kAnswered);
  choice_->LeaveOut(At("10.0.0.1"), Ending::kNotConnected);
  for (uint64_t random = 0; random < 4; ++random) EXPECT_EQ(Next(random), &At("10.0.0.2"));
  choice_->LeaveOut(At("10.0.0.2"), Ending::kNotConnected);
  EXPECT_EQ(Next(), nullptr);
}

TEST_F(EndpointChoiceTest, AStaleConnectionSaysNothingAgainstItsEndpoint) {
  Begin();
  Endpoint* const first = Next();
  choice_->LeaveOut(*first, Ending::kStale);
  EXPECT_EQ(Next(), first);
}

class PassiveHealthTest : public EndpointChoiceTest {
 protected:
  PassiveHealthTest() {
    api::PassiveHealth& health = *rule_.mutable_passive_health();
    health.set_consecutive_failures(3);
    health.set_eject_for_ms(1'000);
    health.set_max_ejected_percent(50);
  }
  void Fail(const char* address, int times, Ending ending = Ending::kReset, int status = 0) {
    Begin();
    for (int i = 0; i < times; ++i) choice_->Note(At(address), ending, status);
    now_ = SteadyNow();
  }
  bool Available(const char* address) { return At(address).health.Available(now_); }
};

TEST_F(PassiveHealthTest, EnoughFailuresInARowEject) {
  Fail("10.0.0.1", 2);
  EXPECT_TRUE(Available("10.0.0.1"));
  Fail("10.0.0.1", 1);
  EXPECT_FALSE(Available("10.0.0.1"));
  for (uint64_t random = 0; random < 4; ++random) EXPECT_EQ(Next(random << 32 | random), &At("10.0.0.2"));
  EXPECT_EQ(table_->Tally(now_).ejected, 1U);
  EXPECT_EQ(table_->Tally(now_).ready, 1U);
}

TEST_F(PassiveHealthTest, EveryWayToFailCounts) {
  EXPECT_EQ(SignOf(Ending::kNotConnected, 0), Sign::kBad);
  EXPECT_EQ(SignOf(Ending::kReset, 0), Sign::kBad);
  EXPECT_EQ(SignOf(Ending::kSilent, 0), Sign::kBad);
  EXPECT_EQ(SignOf(Ending::kInvalid, 0), Sign::kBad);
  for (const int status : {502, 503, 504}) EXPECT_EQ(SignOf(Ending::kAnswered, status), Sign::kBad);
  for (const int status : {200, 404, 429, 500}) EXPECT_EQ(SignOf(Ending::kAnswered, status), Sign::kGood);
  EXPECT_EQ(SignOf(Ending::kStale, 0), Sign::kNone);
  EXPECT_EQ(SignOf(Ending::kAbandoned, 0), Sign::kNone);
}

TEST_F(PassiveHealthTest, ASuccessInBetweenBeginsAnew) {
  for (int i = 0; i < 5; ++i) {
    Fail("10.0.0.1", 2);
    choice_->Note(At("10.0.0.1"), Ending::kAnswered, 200);
  }
  EXPECT_TRUE(Available("10.0.0.1"));
}

TEST_F(PassiveHealthTest, WhatIsNoSignChangesNothing) {
  Fail("10.0.0.1", 2);
  Fail("10.0.0.1", 10, Ending::kAbandoned);
  EXPECT_TRUE(Available("10.0.0.1"));
  Fail("10.0.0.1", 1);
  EXPECT_FALSE(Available("10.0.0.1"));
}

TEST_F(PassiveHealthTest, ItComesBackAfterItsTime) {
  Fail("10.0.0.1", 3);
  now_ += milliseconds(1'001);
  EXPECT_TRUE(Available("10.0.0.1"));
}

TEST_F(PassiveHealthTest, NotMoreThanItsShareIsEjected) {
  Fail("10.0.0.1", 3);
  Fail("10.0.0.2", 30);
  EXPECT_TRUE(Available("10.0.0.2"));
  rule_.mutable_passive_health()->set_max_ejected_percent(100);
  Fail("10.0.0.2", 3);
  EXPECT_FALSE(Available("10.0.0.2"));
}

TEST_F(PassiveHealthTest, TheOnlyEndpointIsNeverEjected) {
  kit::SnapshotBuilder one;
  one.Upstream("a/u:80", {"10.0.0.1"});
  catalog_ = one.Build();
  table_.emplace(*catalog_, book_);
  Fail("10.0.0.1", 30);
  EXPECT_TRUE(Available("10.0.0.1"));
}

TEST_F(PassiveHealthTest, WhatIsLeftOutIsStillAskedBeforeNobodyIs) {
  Fail("10.0.0.1", 3);
  Begin().LeaveOut(At("10.0.0.2"), Ending::kNotConnected);
  EXPECT_EQ(Next(), &At("10.0.0.1"));
}

TEST_F(PassiveHealthTest, WhereTooManyAreOutAllAreAsked) {
  builder_.Upstream("a/u:80", {"10.0.0.3"});
  Swap();
  rule_.mutable_passive_health()->set_max_ejected_percent(100);
  Fail("10.0.0.1", 3);
  Begin();
  EXPECT_NE(Next(0), &At("10.0.0.1"));
  Fail("10.0.0.2", 3);
  rule_.mutable_passive_health()->set_max_ejected_percent(50);
  Begin();
  EXPECT_EQ(Next(0), &At("10.0.0.1"));
}

TEST_F(PassiveHealthTest, ARuleWithoutItAsksEveryEndpoint) {
  Fail("10.0.0.1", 3);
  rule_.clear_passive_health();
  Begin();
  EXPECT_EQ(Next(0), &At("10.0.0.1"));
}

TEST_F(PassiveHealthTest, ANewSnapshotKnowsWhatTheOldOneLearned) {
  Fail("10.0.0.1", 3);
  Swap();
  EXPECT_EQ(table_->Tally(now_).ejected, 1U);
}

class SlowStartTest : public EndpointChoiceTest {
 protected:
  // How many of `n` requests at this moment go to an endpoint.
  int Share(const char* address, int n = 10'000) {
    int count = 0;
    uint64_t random = 1;
    for (int i = 0; i < n; ++i) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;  // Knuth's MMIX
      Begin();
      if (Next(random ^ random >> 29) == &At(address)) ++count;
    }
    return count;
  }
};

TEST_F(SlowStartTest, ANewcomersShareGrows) {
  book_.Forget();  // the first snapshot serves
  builder_.Upstream("a/u:80", {"10.0.0.3"});
  Swap();
  now_ = SteadyNow();
  const int at_first = Share("10.0.0.3");
  now_ += EndpointHealth::kSlowStart / 2;
  const int half_way = Share("10.0.0.3");
  now_ += EndpointHealth::kSlowStart;
  const int at_last = Share("10.0.0.3");
  EXPECT_GT(at_first, 0);
  EXPECT_LT(at_first * 2, half_way);
  EXPECT_LT(half_way * 5, at_last * 4);
  EXPECT_NEAR(at_last, 3'333, 300);
}

TEST_F(SlowStartTest, WhoIsThereFromTheBeginningHasItsWholeShare) {
  EXPECT_EQ(At("10.0.0.1").health.Share(now_), EndpointHealth::kWholeShare);
}

TEST_F(SlowStartTest, WhoComesBackBeginsSlowly) {
  EndpointHealth& health = At("10.0.0.1").health;
  health.Eject(now_ + seconds(1));
  EXPECT_EQ(health.Share(now_ + seconds(1)), EndpointHealth::kFirstShare);
  EXPECT_EQ(health.Share(now_ + seconds(1) + EndpointHealth::kSlowStart / 2),
            EndpointHealth::kWholeShare / 2);
  EXPECT_EQ(health.Share(now_ + seconds(2) + EndpointHealth::kSlowStart), EndpointHealth::kWholeShare);
}

TEST_F(SlowStartTest, NewcomersAmongThemselvesShareEvenly) {
  for (const char* address : {"10.0.0.1", "10.0.0.2"}) At(address).health.Eject(now_);
  EXPECT_NEAR(Share("10.0.0.1"), 5'000, 500);
}

}  // namespace
}  // namespace tollgate::forward
