#include "proxy/store/redis/outage_answer.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

class FakeWallClock final : public WallClock {
 public:
  WallMicros Now() const override { return now; }
  WallMicros now = kNoon;
};

class OutageAnswerTest : public testing::Test {
 protected:
  LimitReply Answer(const LimitRequest& request, api::WhenStoreIsDown rule, uint64_t outage = 1) {
    LimitRequest asked = request;
    asked.when_down = rule;
    LimitReply reply;
    outage_.Answer(asked, outage, reply);
    return reply;
  }
  // How many of so many requests at once this proxy admits by itself.
  int Admitted(const LimitRequest& request, int of, uint64_t outage = 1) {
    int admitted = 0;
    for (int i = 0; i < of; ++i) {
      admitted += Answer(request, api::LOCAL, outage).verdict == LimitVerdict::kAdmitted ? 1 : 0;
    }
    return admitted;
  }

  FakeWallClock clock_;
  OutageAnswer outage_{clock_, 42};
};

TEST_F(OutageAnswerTest, OpenAdmitsAndNobodyHasDecided) {
  const LimitReply reply = Answer(OneLimit({0, kSecond, 0}), api::OPEN);
  EXPECT_EQ(reply.verdict, LimitVerdict::kAdmitted);
  EXPECT_EQ(reply.answerer, Answerer::kNobody);
  EXPECT_EQ(reply.store_time, 0);
}

TEST_F(OutageAnswerTest, ClosedAdmitsNobody) {
  const LimitReply reply = Answer(OneLimit({100, kSecond, 0}), api::CLOSED);
  EXPECT_EQ(reply.verdict, LimitVerdict::kUnavailable);
  EXPECT_EQ(reply.answerer, Answerer::kNobody);
}

TEST_F(OutageAnswerTest, WhatIsNotSaidOrNotKnownIsClosed) {
  EXPECT_EQ(Answer(OneLimit({100, kSecond, 0}), api::WHEN_STORE_IS_DOWN_UNSPECIFIED).verdict,
            LimitVerdict::kUnavailable);
  EXPECT_EQ(Answer(OneLimit({100, kSecond, 0}), static_cast<api::WhenStoreIsDown>(77)).verdict,
            LimitVerdict::kUnavailable);
}

TEST_F(OutageAnswerTest, AloneAProxyEnforcesTheWholeLimit) {
  EXPECT_EQ(Admitted(OneLimit({10, kSecond, 0}), 30), 10);
  clock_.now += kSecond + 1;
  EXPECT_EQ(Admitted(OneLimit({10, kSecond, 0}), 30), 10);
}

TEST_F(OutageAnswerTest, LocalSaysThatItWasThisProxy) {
  const LimitReply reply = Answer(OneLimit({10, kSecond, 0}), api::LOCAL);
  EXPECT_EQ(reply.answerer, Answerer::kLocal);
  EXPECT_EQ(reply.limits[0].remaining, 9u);
}

TEST_F(OutageAnswerTest, OfSeveralProxiesEachEnforcesItsShareRoundedDown) {
  outage_.SetProxies(3);
  EXPECT_EQ(Admitted(OneLimit({10, kSecond, 0}), 30), 3);
}

TEST_F(OutageAnswerTest, OfABucketTheRateAndTheBurstAreShared) {
  outage_.SetProxies(4);
  const RequestBuilder request = OneLimit({100, kSecond, 22});
  EXPECT_EQ(Admitted(request, 30), 5);
  clock_.now += kSecond / 25;
  EXPECT_EQ(Admitted(request, 30), 1);
  EXPECT_EQ(Admitted(OneLimit({100, kSecond, 2}).Key(KeyGroup::kConsumer, {8, 8}), 30), 1);
}

TEST_F(OutageAnswerTest, FewerRequestsThanProxiesAreOneInALongerTime) {
  outage_.SetProxies(5);
  for (const uint64_t burst : {0, 2}) {
    const RequestBuilder request = RequestBuilder(burst).Limit({2, kSecond, burst});
    EXPECT_EQ(Admitted(request, 10), 1) << burst;
    clock_.now += 5 * kSecond - 1;
    EXPECT_EQ(Admitted(request, 10), 0) << burst;
    clock_.now += 2;
    EXPECT_EQ(Admitted(request, 10), 1) << burst;
  }
}

TEST_F(OutageAnswerTest, ALimitOfNothingStaysSo) {
  outage_.SetProxies(5);
  EXPECT_EQ(Admitted(OneLimit({0, kSecond, 0}), 3), 0);
}

TEST_F(OutageAnswerTest, TheLongestPeriodIsNotMadeLonger) {
  outage_.SetProxies(1000);
  EXPECT_EQ(Admitted(OneLimit({2, kMaxPeriod, 0}), 3), 1);
}

TEST_F(OutageAnswerTest, CreditsAreTheShareOfWhatWasLeftByTheLastWord) {
  outage_.SetProxies(2);
  const RequestBuilder request = RequestBuilder().Quota(100, 1);
  const LimitRequest& asked = request;
  outage_.known().Note(asked.keys[0], asked.quota.record, asked.quota.window, 80);
  EXPECT_EQ(Admitted(request, 100), 10);
  EXPECT_EQ(Answer(request, api::LOCAL).verdict, LimitVerdict::kCreditsExhausted);
}

TEST_F(OutageAnswerTest, MoreUsedThanThereIsLeavesNothing) {
  const RequestBuilder request = RequestBuilder().Quota(100, 1);
  const LimitRequest& asked = request;
  outage_.known().Note(asked.keys[0], asked.quota.record, asked.quota.window, 130);
  EXPECT_EQ(Admitted(request, 5), 0);
  EXPECT_EQ(Answer(RequestBuilder().Quota(100, 0), api::LOCAL).verdict, LimitVerdict::kAdmitted);
}

// What was admitted in the outage before was told to the store, whose word has it by now.
TEST_F(OutageAnswerTest, EachOutageBeginsWithTheLastWordAnew) {
  const RequestBuilder request = RequestBuilder().Quota(100, 1);
  const LimitRequest& asked = request;
  outage_.known().Note(asked.keys[0], asked.quota.record, asked.quota.window, 90);
  EXPECT_EQ(Admitted(request, 50, 1), 10);
  EXPECT_EQ(Admitted(request, 50, 1), 0);
  outage_.known().Note(asked.keys[0], asked.quota.record, asked.quota.window, 95);
  EXPECT_EQ(Admitted(request, 50, 2), 5);
}

TEST_F(OutageAnswerTest, LimitsAndCreditsAreDecidedTogether) {
  const RequestBuilder request = RequestBuilder().Limit({3, kSecond, 0}).Quota(100, 10);
  EXPECT_EQ(Admitted(request, 10), 3);
  clock_.now += kSecond + 1;
  const LimitReply reply = Answer(request, api::LOCAL);
  EXPECT_EQ(reply.quota.used, 40u);  // refusals have cost nothing
}

}  // namespace
}  // namespace tollgate::store
