// Limits without burst: in no trailing `per` more than `requests`, and not much less under over-demand.
#include <random>
#include <vector>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

using Times = std::vector<WallMicros>;

// Whether each admission is later, by more than `per`, than the one `requests` before it.
void ExpectNoFullerWindow(const Times& admitted, const RateTerms& terms) {
  for (size_t i = terms.requests; i < admitted.size(); ++i) {
    ASSERT_GT(admitted[i] - admitted[i - terms.requests], terms.per_us)
        << terms.requests << " in " << terms.per_us << " µs, admission " << i;
  }
}

// Arrivals as real callers have them: steady, in bursts, after silences, several in the same microsecond.
class Arrivals {
 public:
  Arrivals(uint64_t seed, const RateTerms& terms) : random_(seed), mean_(terms.per_us / terms.requests + 1) {}

  WallMicros Next(WallMicros now) {
    if (left_in_mood_-- == 0) ChangeMood();
    return now + std::uniform_int_distribution<int64_t>(0, 2 * step_)(random_);
  }

 private:
  void ChangeMood() {
    const int64_t steps[] = {0, mean_ / 20, mean_ / 4, mean_ / 2, mean_, 2 * mean_, 30 * mean_};
    step_ = steps[random_() % std::size(steps)];
    left_in_mood_ = random_() % 300;
  }

  std::mt19937_64 random_;
  int64_t mean_;
  int64_t step_ = 0;
  uint64_t left_in_mood_ = 0;
};

TEST_P(LimitStoreRules, NoTrailingWindowHoldsMoreThanRequests) {
  const uint64_t requests[] = {1, 2, 3, 7, 50, 127, 128, 129, 200, 1000, 100'000};
  const int64_t periods[] = {1000, 60'001, kSecond, 61 * kSecond + 7};
  uint64_t record = 0;
  for (const uint64_t count : requests) {
    for (const int64_t per : periods) {
      const RateTerms terms{count, per, 0};
      const RequestBuilder request = RequestBuilder().Limit(terms, ++record);
      Arrivals arrivals(record, terms);
      Times admitted;
      WallMicros now = kNoon;
      for (int i = 0, most = AtMost(6000); i < most; ++i) {
        now = arrivals.Next(now);
        if (Admits(request, now)) admitted.push_back(now);
      }
      ExpectNoFullerWindow(admitted, terms);
    }
  }
}

TEST_P(LimitStoreRules, AllAtOnceIsAllowedAndNoMore) {
  for (const uint64_t requests : {1, 128, 129, 1000}) {
    const RequestBuilder request = RequestBuilder().Limit({requests, kSecond, 0}, requests);
    for (uint64_t i = 0; i < requests; ++i) ASSERT_TRUE(Admits(request, kNoon)) << requests << ", " << i;
    EXPECT_FALSE(Admits(request, kNoon));
    EXPECT_FALSE(Admits(request, kNoon + kSecond));
    EXPECT_TRUE(Admits(request, kNoon + kSecond + kSecond / 128 + 1));
  }
}

// Dense enough that the next caller comes within 1 % of the period: who comes seldom cannot take each place
// the moment it is free.
struct Demand {
  RateTerms terms;
  double factor;
  int periods;
};

TEST_P(LimitStoreRules, SteadyOverDemandIsServedToNinetyEightPercent) {
  const Demand demands[] = {
      {{1, kSecond, 0}, 97.3, 300}, {{3, 7001, 0}, 40, 300},      {{100, kSecond, 0}, 1.1, 50},
      {{128, kSecond, 0}, 5, 50},   {{129, kSecond, 0}, 1.1, 50}, {{1000, 60 * kSecond, 0}, 3, 20},
      {{1000, 1000, 0}, 2, 20},     {{5000, kHour, 0}, 1.02, 20}, {{100'000, kSecond, 0}, 2, 3},
  };
  uint64_t record = 0;
  for (const Demand& demand : demands) {
    const RequestBuilder request = RequestBuilder().Limit(demand.terms, ++record);
    const double step = static_cast<double>(demand.terms.per_us) / demand.terms.requests / demand.factor;
    const double calls = demand.terms.requests * demand.factor * demand.periods;
    const int periods = demand.periods * AtMost(static_cast<int>(calls)) / static_cast<int>(calls);
    if (periods < 3) continue;
    const double end = static_cast<double>(demand.terms.per_us) * periods;
    uint64_t admitted = 0;
    Times times;
    for (double at = 0; at < end; at += step) {
      const WallMicros now = kNoon + static_cast<int64_t>(at);
      if (!Admits(request, now)) continue;
      ++admitted;
      times.push_back(now);
    }
    EXPECT_GE(admitted, 0.98 * demand.terms.requests * periods)
        << demand.terms.requests << " in " << demand.terms.per_us << " µs, demand × " << demand.factor;
    ExpectNoFullerWindow(times, demand.terms);
  }
}

TEST_P(LimitStoreRules, WhatRemainsIsAdmittedAndNothingMore) {
  std::mt19937_64 random(7);
  for (const uint64_t requests : {1, 5, 128, 300}) {
    const RequestBuilder request = RequestBuilder().Limit({requests, kSecond, 0}, requests);
    WallMicros now = kNoon;
    for (int round = 0; round < 20; ++round) {
      now += static_cast<int64_t>(random() % (2 * kSecond));
      LimitReply reply = Ask(request, now);
      while (reply.verdict == LimitVerdict::kAdmitted && reply.limits[0].remaining > 0) {
        const uint64_t before = reply.limits[0].remaining;
        if (random() % 3 == 0) break;
        reply = Ask(request, now);
        ASSERT_EQ(reply.verdict, LimitVerdict::kAdmitted);
        ASSERT_EQ(reply.limits[0].remaining, before - 1);
      }
      if (reply.limits[0].remaining == 0) {
        EXPECT_FALSE(Admits(request, now));
      }
    }
  }
}

TEST_P(LimitStoreRules, RetryTimeIsTheFirstThatAdmits) {
  std::mt19937_64 random(11);
  for (const RateTerms terms :
       {RateTerms{1, kSecond, 0}, RateTerms{10, kSecond, 0}, RateTerms{300, kSecond, 0},
        RateTerms{3, kSecond, 5}, RateTerms{1000, kSecond, 7}}) {
    const RequestBuilder request = RequestBuilder().Limit(terms, terms.requests);
    WallMicros now = kNoon;
    for (int round = 0; round < 30; ++round) {
      LimitReply reply = Ask(request, now += static_cast<int64_t>(random() % 3000));
      while (reply.verdict == LimitVerdict::kAdmitted) {
        reply = Ask(request, now += static_cast<int64_t>(random() % 100));
      }
      ASSERT_EQ(reply.verdict, LimitVerdict::kRateLimited);
      ASSERT_EQ(reply.retry_after_us, reply.limits[0].retry_us);
      ASSERT_GT(reply.retry_after_us, 0);
      EXPECT_FALSE(Admits(request, now + reply.retry_after_us - 1));
      EXPECT_TRUE(Admits(request, now += reply.retry_after_us));
    }
  }
}

TEST_P(LimitStoreRules, ResetTimeIsWhenTheLimitIsWhole) {
  for (const RateTerms terms :
       {RateTerms{10, kSecond, 0}, RateTerms{300, kSecond, 0}, RateTerms{7, kSecond, 5}}) {
    const RequestBuilder request = RequestBuilder().Limit(terms, terms.requests);
    const uint64_t whole = terms.burst > 0 ? terms.burst : terms.requests;
    LimitReply reply = Ask(request, kNoon);
    EXPECT_EQ(reply.limits[0].remaining, whole - 1);
    reply = Ask(request, kNoon + 1234);
    EXPECT_EQ(reply.limits[0].remaining, whole - 2);
    const WallMicros later = kNoon + 1234 + reply.limits[0].reset_us;
    EXPECT_EQ(Ask(request, later).limits[0].remaining, whole - 1);
  }
}

TEST_P(LimitStoreRules, ZeroRequestsAdmitNobody) {
  const LimitReply reply = Ask(OneLimit({0, kSecond, 0}), kNoon);
  EXPECT_EQ(reply.verdict, LimitVerdict::kRateLimited);
  EXPECT_GT(reply.retry_after_us, 0);
  EXPECT_EQ(Ask(RequestBuilder().Limit({0, kSecond, 5}, 2), kNoon).verdict, LimitVerdict::kRateLimited);
}

TEST_P(LimitStoreRules, ClockThatWentBackNeitherLocksOutNorGivesAnew) {
  for (const uint64_t requests : {10, 500}) {
    const RequestBuilder request = RequestBuilder().Limit({requests, kSecond, 0}, requests);
    for (uint64_t i = 0; i < requests; ++i) ASSERT_TRUE(Admits(request, kNoon + static_cast<int64_t>(i)));
    const WallMicros back = kNoon - kHour;
    EXPECT_FALSE(Admits(request, back));
    EXPECT_FALSE(Admits(request, back + kSecond));
    EXPECT_TRUE(Admits(request, back + kSecond + kSecond / 128 + 1));
  }
}

// Two proxies that know different editions of a limit: each holds what it promises, over all admissions.
TEST_P(LimitStoreRules, EditionsOfALimitShareOneRecord) {
  const std::vector<std::vector<RateTerms>> pairs = {
      {{10, kSecond, 0}, {100, 20 * kSecond, 0}},
      {{100, kSecond, 0}, {300, 4 * kSecond, 0}},
      {{200, kSecond, 0}, {500, 3 * kSecond, 0}},
      {{1000, kSecond, 0}, {150, 10 * kSecond, 0}},
  };
  uint64_t record = 0;
  for (const std::vector<RateTerms>& editions : pairs) {
    std::mt19937_64 random(++record);
    Times admitted;
    WallMicros now = kNoon;
    for (int i = 0; i < 8000; ++i) {
      now += static_cast<int64_t>(random() % 9000);
      // The first questions show both editions to the record; what it never heard of it cannot keep.
      const RateTerms& terms = editions[i < 2 ? static_cast<size_t>(i) : random() % 2];
      if (!Admits(RequestBuilder().Limit(terms, record), now)) continue;
      admitted.push_back(now);
      if (admitted.size() > terms.requests) {
        ASSERT_GT(now - admitted[admitted.size() - 1 - terms.requests], terms.per_us)
            << "pair " << record << ", request " << i;
      }
    }
  }
}

TEST_P(LimitStoreRules, LimitThatIsEditedToAndFroGivesNoFreshWindow) {
  const RequestBuilder hourly = OneLimit({300, kHour, 0});
  const RequestBuilder quick = OneLimit({300, kSecond, 0});
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(Admits(hourly, kNoon));
  EXPECT_TRUE(Admits(quick, kNoon + 600 * kSecond));
  EXPECT_FALSE(Admits(hourly, kNoon + 601 * kSecond));
  EXPECT_FALSE(Admits(OneLimit({100, kHour, 0}), kNoon + 602 * kSecond));
}

TEST_P(LimitStoreRules, RaisedLimitCountsWhatWasAdmittedBefore) {
  const RequestBuilder small = OneLimit({100, kSecond, 0});
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Admits(small, kNoon));
  const RequestBuilder large = OneLimit({150, kSecond, 0});
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Admits(large, kNoon + 5000)) << i;
  EXPECT_FALSE(Admits(large, kNoon + 5000));
}

// Once nobody has asked with the longer period for as long as it lasted, the shorter has its full precision.
TEST_P(LimitStoreRules, ShortenedPeriodIsExactOnceTheLongerHasAgedOut) {
  ASSERT_TRUE(Admits(OneLimit({200, 60 * kSecond, 0}), kNoon));
  const RequestBuilder quick = OneLimit({200, kSecond, 0});
  uint64_t admitted = 0;
  for (int64_t at = 0; at < 80 * kSecond; at += 2500) {
    const bool ok = Admits(quick, kNoon + at);
    if (ok && at >= 65 * kSecond) ++admitted;
  }
  EXPECT_GE(admitted, 0.98 * 200 * 15);
}

}  // namespace
}  // namespace tollgate::store
