// Limits with burst: in any window w at most ⌊w/T⌋ + burst, with T = per/requests.
#include <random>
#include <vector>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

// ⌊w · requests / per⌋ + burst, for a window from one admission to another.
uint64_t Bound(const RateTerms& terms, int64_t window) {
  return static_cast<uint64_t>(window) * terms.requests / static_cast<uint64_t>(terms.per_us) + terms.burst;
}

void ExpectBoundInEveryWindow(const std::vector<WallMicros>& admitted, const RateTerms& terms) {
  for (size_t first = 0; first < admitted.size(); ++first) {
    for (size_t last = first; last < admitted.size(); ++last) {
      ASSERT_LE(last - first + 1, Bound(terms, admitted[last] - admitted[first]))
          << terms.requests << " in " << terms.per_us << " µs, burst " << terms.burst;
    }
  }
}

TEST_P(LimitStoreRules, BucketHoldsItsBoundInEveryWindow) {
  std::mt19937_64 random(3);
  uint64_t record = 0;
  for (const RateTerms terms : {RateTerms{3, kSecond, 1}, RateTerms{3, kSecond, 4}, RateTerms{7, kSecond, 20},
                                RateTerms{50, kSecond, 10}, RateTerms{999'983, kSecond, 30},
                                RateTerms{3'000'000, kSecond, 8}, RateTerms{1, 5 * kHour, 3}}) {
    const RequestBuilder request = RequestBuilder().Limit(terms, ++record);
    const int64_t mean = terms.per_us / static_cast<int64_t>(terms.requests) + 1;
    std::vector<WallMicros> admitted;
    WallMicros now = kNoon;
    for (int i = 0, most = AtMost(3000); i < most; ++i) {
      const int64_t step = i / 200 % 3 == 0 ? mean / 10 : i / 200 % 3 == 1 ? mean : 5 * mean;
      now += std::uniform_int_distribution<int64_t>(0, step)(random);
      if (Admits(request, now)) admitted.push_back(now);
    }
    EXPECT_GT(admitted.size(), 100U);
    ExpectBoundInEveryWindow(admitted, terms);
  }
}

TEST_P(LimitStoreRules, BucketServesItsRateUnderOverDemand) {
  uint64_t record = 0;
  for (const RateTerms terms :
       {RateTerms{3, kSecond, 1}, RateTerms{300'000, kSecond, 5}, RateTerms{7, 61, 2}}) {
    const RequestBuilder request = RequestBuilder().Limit(terms, ++record);
    const int64_t step = std::max<int64_t>(1, terms.per_us / static_cast<int64_t>(terms.requests) / 50);
    const int64_t calls = AtMost(100'000);
    uint64_t admitted = 0;
    for (int64_t i = 0; i < calls; ++i) admitted += Admits(request, kNoon + i * step) ? 1 : 0;
    const uint64_t most = Bound(terms, (calls - 1) * step);
    EXPECT_LE(admitted, most);
    EXPECT_GE(admitted + 1, 0.98 * most);
  }
}

TEST_P(LimitStoreRules, BucketGivesItsBurstAtOnceAndThenItsRate) {
  const RequestBuilder request = OneLimit({2, kSecond, 5});
  for (int i = 0; i < 5; ++i) {
    const LimitReply reply = Ask(request, kNoon);
    ASSERT_EQ(reply.verdict, LimitVerdict::kAdmitted);
    EXPECT_EQ(reply.limits[0].remaining, static_cast<uint64_t>(4 - i));
    EXPECT_EQ(reply.limits[0].reset_us, (i + 1) * kSecond / 2);
  }
  const LimitReply refused = Ask(request, kNoon);
  EXPECT_EQ(refused.verdict, LimitVerdict::kRateLimited);
  EXPECT_EQ(refused.retry_after_us, kSecond / 2);
  EXPECT_TRUE(Admits(request, kNoon + kSecond / 2));
  EXPECT_FALSE(Admits(request, kNoon + kSecond / 2));
}

TEST_P(LimitStoreRules, SmallerBucketIsFilledAsItIsWritten) {
  const RequestBuilder deep = OneLimit({1, kSecond, 100});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Admits(deep, kNoon));
  const LimitReply refused = Ask(OneLimit({1, kSecond, 3}), kNoon);
  EXPECT_EQ(refused.verdict, LimitVerdict::kRateLimited);
  EXPECT_EQ(refused.limits[0].reset_us, 3 * kSecond);
  // The refusal has written the clamped time back.
  EXPECT_TRUE(Admits(OneLimit({1, kSecond, 4}), kNoon));
}

TEST_P(LimitStoreRules, BucketWaitsNoLongerThanABurstAfterAClockThatWentBack) {
  const RequestBuilder request = OneLimit({1, kSecond, 2});
  EXPECT_TRUE(Admits(request, kNoon));
  EXPECT_TRUE(Admits(request, kNoon));
  const WallMicros back = kNoon - kHour;
  EXPECT_FALSE(Admits(request, back));
  EXPECT_TRUE(Admits(request, back + kSecond));
}

TEST_P(LimitStoreRules, LimitsBeyondAnyUseAreServedWithoutOverflow) {
  uint64_t record = 0;
  for (const RateTerms terms :
       {RateTerms{kMaxRequests, kMaxPeriod, kMaxRequests}, RateTerms{kMaxRequests, 1'000'000, kMaxRequests},
        RateTerms{1, kMaxPeriod, 1}, RateTerms{kMaxRequests, kMaxPeriod, 0}, RateTerms{2, kMaxPeriod, 0}}) {
    const LimitReply reply = Ask(RequestBuilder().Limit(terms, ++record), kNoon);
    EXPECT_EQ(reply.verdict, LimitVerdict::kAdmitted);
    EXPECT_EQ(reply.limits[0].remaining, (terms.burst > 0 ? terms.burst : terms.requests) - 1);
    EXPECT_GT(reply.limits[0].reset_us, 0);
  }
  // A burst that takes longer than 71 years to refill is cut, never wrapped.
  const RequestBuilder cut = RequestBuilder().Limit({1, kMaxPeriod / 2, kMaxRequests}, ++record);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Admits(cut, kNoon));
  EXPECT_FALSE(Admits(cut, kNoon));
}

}  // namespace
}  // namespace tollgate::store
