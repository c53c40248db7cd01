// Which try may follow which, by policy, method, body and budget.
#include "proxy/forward/retries.h"

#include <gmock/gmock.h>

#include <deque>

#include "tests/kit/test_exchange.h"

namespace tollgate::forward {
namespace {

using http::Framing;

class RetriesTest : public ::testing::Test {
 protected:
  RetriesTest() {
    policy_.set_attempts(2);
    policy_.set_connect_failure(true);
    policy_.set_reset(true);
    policy_.add_statuses(502);
    policy_.add_statuses(503);
    policy_.set_per_try_ms(100);
    policy_.set_budget_percent(20);
    for (const char* method : {"DELETE", "GET", "PUT"}) policy_.add_methods(method);
  }
  // Whether a request is sent again after a first try that ended so.
  bool Follows(const char* method, Ending ending, int status = 0, const Framing& body = {}) {
    kit::TestExchange x(method, "/");
    x.downstream().SetBody(body, {});
    return Retries(policy_, *x, upstream_).Follow(ending, status);
  }

  api::Retry policy_;
  UpstreamRecord upstream_;
};

TEST_F(RetriesTest, ListedMethodsAreRepeatedAfterEachFailureThatIsNamed) {
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    for (const Ending ending :
         {Ending::kNotConnected, Ending::kNoRoom, Ending::kReset, Ending::kSilent, Ending::kStale}) {
      EXPECT_TRUE(Follows(method, ending)) << method << " " << static_cast<int>(ending);
    }
    EXPECT_TRUE(Follows(method, Ending::kAnswered, 503));
    EXPECT_FALSE(Follows(method, Ending::kAnswered, 500));
  }
}

TEST_F(RetriesTest, OthersAreSentAgainOnlyWhereNothingWasSent) {
  policy_.add_methods("POST");  // no policy makes it idempotent
  for (const char* method : {"POST", "PATCH", "HEAD", "OPTIONS"}) {
    EXPECT_TRUE(Follows(method, Ending::kNotConnected)) << method;
    EXPECT_FALSE(Follows(method, Ending::kReset)) << method;
    EXPECT_FALSE(Follows(method, Ending::kSilent)) << method;
    EXPECT_FALSE(Follows(method, Ending::kAnswered, 503)) << method;
  }
  EXPECT_FALSE(Follows("POST", Ending::kStale));
  EXPECT_TRUE(Follows("HEAD", Ending::kStale));
}

TEST_F(RetriesTest, ABodyIsNotSentTwice) {
  const Framing body{Framing::Kind::kLength, 4};
  EXPECT_TRUE(Follows("PUT", Ending::kNotConnected, 0, body));
  for (const Ending ending : {Ending::kReset, Ending::kSilent, Ending::kStale}) {
    EXPECT_FALSE(Follows("PUT", ending, 0, body));
  }
  EXPECT_FALSE(Follows("PUT", Ending::kAnswered, 503, {Framing::Kind::kChunked, 0}));
}

TEST_F(RetriesTest, WhatTheUpstreamDidNotCauseIsFinal) {
  EXPECT_FALSE(Follows("GET", Ending::kInvalid));
  EXPECT_FALSE(Follows("GET", Ending::kAbandoned));
}

TEST_F(RetriesTest, OnlyWhatThePolicyNamesIsRepeated) {
  policy_.set_connect_failure(false);
  policy_.set_reset(false);
  policy_.clear_statuses();
  for (const Ending ending : {Ending::kNotConnected, Ending::kReset, Ending::kSilent}) {
    EXPECT_FALSE(Follows("GET", ending));
  }
  EXPECT_FALSE(Follows("GET", Ending::kAnswered, 503));
  EXPECT_TRUE(Follows("GET", Ending::kStale));
}

TEST_F(RetriesTest, AttemptsAreCounted) {
  kit::TestExchange x("GET", "/");
  Retries retries(policy_, *x, upstream_);
  EXPECT_TRUE(retries.Follow(Ending::kNotConnected, 0));
  EXPECT_TRUE(retries.Follow(Ending::kAnswered, 503));
  EXPECT_FALSE(retries.Follow(Ending::kReset, 0));
}

TEST_F(RetriesTest, AStaleConnectionCostsNoAttemptOnce) {
  kit::TestExchange x("GET", "/");
  Retries retries(policy_, *x, upstream_);
  EXPECT_FALSE(retries.Terms().fresh);
  EXPECT_TRUE(retries.Follow(Ending::kStale, 0));
  EXPECT_TRUE(retries.Terms().fresh);
  EXPECT_TRUE(retries.Follow(Ending::kReset, 0));
  EXPECT_TRUE(retries.Follow(Ending::kReset, 0));
  EXPECT_FALSE(retries.Follow(Ending::kReset, 0));
}

// Nothing was done, so the method does not matter, and the policy's attempts are for what may have been.
TEST_F(RetriesTest, WhatWasRefusedIsSentAgainAsLongAsItsBodyIsThere) {
  kit::TestExchange x("POST", "/");
  Retries retries(policy_, *x, upstream_);
  EXPECT_FALSE(retries.Follow(Ending::kRefused, 0, false));
  for (uint32_t i = 0; i < Retries::kMostRefusals; ++i)
    EXPECT_TRUE(retries.Follow(Ending::kRefused, 0, true));
  EXPECT_FALSE(retries.Follow(Ending::kRefused, 0, true));
  EXPECT_TRUE(retries.Follow(Ending::kNotConnected, 0));
}

TEST_F(RetriesTest, ATryEndsEarlyOnlyWhereAnotherMayFollow) {
  kit::TestExchange get("GET", "/");
  Retries retries(policy_, *get, upstream_);
  EXPECT_LT(retries.Terms().end, SteadyTime::max());
  (void)retries.Follow(Ending::kSilent, 0);
  EXPECT_LT(retries.Terms().end, SteadyTime::max());
  (void)retries.Follow(Ending::kSilent, 0);
  EXPECT_EQ(retries.Terms().end, SteadyTime::max());
  kit::TestExchange post("POST", "/");
  EXPECT_EQ(Retries(policy_, *post, upstream_).Terms().end, SteadyTime::max());
}

// So many of `active` requests are repeated at the same time.
class BudgetTest : public RetriesTest {
 protected:
  size_t Repeated(size_t active, Ending ending = Ending::kReset) {
    std::deque<Retries> all;
    for (size_t i = 0; i < active; ++i) all.emplace_back(policy_, *x_, upstream_);
    size_t repeated = 0;
    for (Retries& retries : all) repeated += retries.Follow(ending, 503) ? 1 : 0;
    return repeated;
  }
  kit::TestExchange x_{"GET", "/"};
};

TEST_F(BudgetTest, AFifthOfTheActiveRequestsMayBeRepeats) {
  EXPECT_EQ(Repeated(100), 20U);
  EXPECT_EQ(Repeated(100, Ending::kAnswered), 20U);
  policy_.set_budget_percent(50);
  EXPECT_EQ(Repeated(100), 50U);
}

TEST_F(BudgetTest, AFewMayBeRepeatedHoweverFewThereAre) {
  EXPECT_EQ(Repeated(1), 1U);
  EXPECT_EQ(Repeated(10), Retries::kAlwaysAllowed);
}

TEST_F(BudgetTest, EveryRequestMayGoElsewhereThatWasNeverSent) {
  EXPECT_EQ(Repeated(100, Ending::kNotConnected), 100U);
  EXPECT_EQ(Repeated(100, Ending::kStale), 100U);
}

TEST_F(BudgetTest, WhatHasEndedCountsNoMore) {
  (void)Repeated(100);
  EXPECT_EQ(upstream_.active_requests, 0U);
  EXPECT_EQ(upstream_.active_repeats, 0U);
}

TEST_F(BudgetTest, OneRequestIsOneRepeatHoweverOftenItIsSent) {
  policy_.set_attempts(10);
  Retries retries(policy_, *x_, upstream_);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(retries.Follow(Ending::kReset, 0));
  EXPECT_EQ(upstream_.active_repeats, 1U);
}

}  // namespace
}  // namespace tollgate::forward
