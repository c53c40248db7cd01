// One request, one decision: credits, and several limits with them, all or nothing.
#include <random>
#include <vector>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

TEST_P(LimitStoreRules, CreditsAreChargedToTheLastOne) {
  const RequestBuilder request = RequestBuilder().Quota(100, 30);
  for (uint64_t used : {30, 60, 90}) {
    const LimitReply reply = Ask(request, kNoon);
    ASSERT_EQ(reply.verdict, LimitVerdict::kAdmitted);
    EXPECT_EQ(reply.quota.used, used);
    EXPECT_EQ(reply.quota.remaining, 100 - used);
  }
  const LimitReply refused = Ask(request, kNoon);
  EXPECT_EQ(refused.verdict, LimitVerdict::kCreditsExhausted);
  EXPECT_EQ(refused.quota.used, 90U);
  EXPECT_EQ(refused.retry_after_us, kHour);
  EXPECT_EQ(refused.store_time, kNoon);
  // What still fits is still sold.
  EXPECT_EQ(Ask(RequestBuilder().Quota(100, 10), kNoon).quota.remaining, 0U);
}

TEST_P(LimitStoreRules, CallWithoutCostPassesAnEmptyQuota) {
  EXPECT_EQ(Ask(RequestBuilder().Quota(5, 5), kNoon).quota.remaining, 0U);
  EXPECT_TRUE(Admits(RequestBuilder().Quota(5, 0), kNoon));
  EXPECT_FALSE(Admits(RequestBuilder().Quota(5, 1), kNoon));
}

TEST_P(LimitStoreRules, OverageIsCountedApart) {
  const RequestBuilder request = RequestBuilder().Quota(100, 70, true);
  EXPECT_EQ(Ask(request, kNoon).quota.added_over, 0U);
  const LimitReply second = Ask(request, kNoon);
  EXPECT_EQ(second.verdict, LimitVerdict::kAdmitted);
  EXPECT_EQ(second.quota.used, 100U);
  EXPECT_EQ(second.quota.overage, 40U);
  EXPECT_EQ(second.quota.added_over, 40U);
  EXPECT_EQ(second.quota.remaining, 0U);
  const LimitReply third = Ask(request, kNoon);
  EXPECT_EQ(third.quota.overage, 110U);
  EXPECT_EQ(third.quota.added_over, 70U);
}

TEST_P(LimitStoreRules, CreditsComeBackWithTheNextWindowAlone) {
  const RequestBuilder request = RequestBuilder().Quota(1, 1);
  EXPECT_TRUE(Admits(request, kNoon));
  EXPECT_FALSE(Admits(request, kNoon + kHour - 1));
  const LimitReply next = Ask(request, kNoon + kHour);
  EXPECT_EQ(next.verdict, LimitVerdict::kAdmitted);
  EXPECT_EQ(next.quota.start, kNoon + kHour);
  EXPECT_EQ(next.quota.end, kNoon + 2 * kHour);
  EXPECT_FALSE(Admits(request, kNoon + kHour));
}

TEST_P(LimitStoreRules, ClockThatWentBackOverTheEdgeGivesNoWindowTwice) {
  const WindowBounds after{kNoon + kHour, kNoon + 2 * kHour, kNoon + 3 * kHour};
  EXPECT_TRUE(Admits(RequestBuilder().Quota(1, 1), kNoon));
  EXPECT_TRUE(Admits(RequestBuilder().Quota(1, 1, false, after), kNoon + kHour + 1));
  EXPECT_FALSE(Admits(RequestBuilder().Quota(1, 1), kNoon + kHour - 1));
  EXPECT_FALSE(Admits(RequestBuilder().Quota(1, 1, false, after), kNoon + kHour + 2));
}

TEST_P(LimitStoreRules, CreditsChangedWithinAWindowCountWhatWasUsed) {
  EXPECT_TRUE(Admits(RequestBuilder().Quota(100, 80), kNoon));
  const LimitReply lower = Ask(RequestBuilder().Quota(50, 1), kNoon);
  EXPECT_EQ(lower.verdict, LimitVerdict::kCreditsExhausted);
  EXPECT_EQ(lower.quota.remaining, 0U);
  EXPECT_EQ(Ask(RequestBuilder().Quota(200, 20), kNoon).quota.remaining, 100U);
}

TEST_P(LimitStoreRules, ConsumersDoNotShare) {
  EXPECT_TRUE(Admits(RequestBuilder(1).Limit({1, kSecond, 0}).Quota(1, 1), kNoon));
  EXPECT_TRUE(Admits(RequestBuilder(2).Limit({1, kSecond, 0}).Quota(1, 1), kNoon));
  EXPECT_FALSE(Admits(RequestBuilder(1).Limit({1, kSecond, 0}).Quota(1, 1), kNoon));
}

TEST_P(LimitStoreRules, GroupsDoNotShareThoughTheirKeysAreEqual) {
  const Key128 same{9, 9};
  for (const KeyGroup group : {KeyGroup::kConsumer, KeyGroup::kPlan, KeyGroup::kRoute, KeyGroup::kAddress}) {
    EXPECT_TRUE(Admits(RequestBuilder().Key(group, same).Limit({1, kSecond, 0}, 1, group), kNoon));
  }
}

// A request over all groups with one limit that refuses, each limit in its turn.
TEST_P(LimitStoreRules, RefusalChargesNothingAnywhere) {
  const KeyGroup groups[] = {KeyGroup::kConsumer, KeyGroup::kPlan, KeyGroup::kRoute, KeyGroup::kAddress};
  const RateTerms wide[] = {{50, kSecond, 0}, {500, kSecond, 0}, {50, kSecond, 50}, {60, kSecond, 0}};
  for (size_t tight = 0; tight <= 4; ++tight) {
    RequestBuilder request(100 + tight);
    for (const KeyGroup group : groups) request.Key(group, {tight + 1, static_cast<uint64_t>(group)});
    for (size_t i = 0; i < 4; ++i)
      request.Limit(i == tight ? RateTerms{1, kSecond, 0} : wide[i], i, groups[i]);
    request.Quota(tight == 4 ? 1 : 1000, 1);
    const LimitReply admitted = Ask(request, kNoon);
    ASSERT_EQ(admitted.verdict, LimitVerdict::kAdmitted);
    for (int again = 0; again < 3; ++again) {
      const LimitReply refused = Ask(request, kNoon);
      ASSERT_EQ(refused.verdict, tight == 4 ? LimitVerdict::kCreditsExhausted : LimitVerdict::kRateLimited);
      if (tight < 4) {
        EXPECT_EQ(refused.refused_by, tight);
      }
      for (size_t i = 0; i < 4; ++i) EXPECT_EQ(refused.limits[i].remaining, admitted.limits[i].remaining);
      EXPECT_EQ(refused.quota.used, admitted.quota.used);
    }
  }
}

TEST_P(LimitStoreRules, RefusalNamesTheLimitThatHoldsLongest) {
  const RequestBuilder request =
      RequestBuilder().Limit({1, kSecond, 0}, 1).Limit({1, 60 * kSecond, 0}, 2).Limit({1, kSecond, 1}, 3);
  EXPECT_TRUE(Admits(request, kNoon));
  const LimitReply refused = Ask(request, kNoon + 1000);
  EXPECT_EQ(refused.refused_by, 1U);
  EXPECT_EQ(refused.retry_after_us, 60 * kSecond + 1 - 1000);
  EXPECT_TRUE(Admits(request, kNoon + 1000 + refused.retry_after_us));
}

// Random requests over random consumers against a model that keeps every admission.
TEST_P(LimitStoreRules, MixedRequestsAgreeWithAModelThatForgetsNothing) {
  std::mt19937_64 random(5);
  constexpr RateTerms kOwn{5, kSecond, 0};
  constexpr RateTerms kAll{12, kSecond, 0};
  std::vector<WallMicros> own[4];
  std::vector<WallMicros> all;
  uint64_t used[4] = {};
  const auto full = [](const std::vector<WallMicros>& times, const RateTerms& terms, WallMicros now) {
    return times.size() >= terms.requests && now - times[times.size() - terms.requests] <= terms.per_us;
  };
  WallMicros now = kNoon;
  for (int i = 0; i < 5000; ++i) {
    now += static_cast<int64_t>(random() % 60'000);
    const size_t who = random() % 4;
    const uint64_t cost = random() % 3;
    const bool expected = !full(own[who], kOwn, now) && !full(all, kAll, now) && used[who] + cost <= 600;
    const RequestBuilder request =
        RequestBuilder(who).Limit(kOwn, 1).Limit(kAll, 2, KeyGroup::kPlan).Quota(600, cost);
    ASSERT_EQ(Admits(request, now),
              expected || (cost == 0 && !full(own[who], kOwn, now) && !full(all, kAll, now)))
        << "request " << i;
    if (!expected) continue;
    own[who].push_back(now);
    all.push_back(now);
    used[who] += cost;
  }
}

}  // namespace
}  // namespace tollgate::store
