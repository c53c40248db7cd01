// What a change outdates in the shared tier, and when.
#include <gtest/gtest.h>

#include "proxy/cache/shared_tier.h"
#include "tests/unit/proxy/cache/shared_tier_fixture.h"

namespace tollgate::cache {
namespace {

using Kind = Lookup::Kind;

TEST_F(SharedTierTest, UnsafeMethodsForgetForAllProxies) {
  for (const char* method : {"PUT", "POST", "DELETE", "PATCH", "MKCOL"}) {
    Request request(rule_);
    ASSERT_TRUE(one_.AskAndAnswer(request, {})) << method;
    one_.Changed(request, method);
    EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss) << method;
    EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss) << method;
  }
}

TEST_F(SharedTierTest, ForgettingReachesEveryQueryAndVariant) {
  Request page(rule_);
  page.has_query = true;
  page.query = "page=2";
  Request english(rule_, {{"X-N", "1"}});
  ASSERT_TRUE(one_.AskAndAnswer(page, {}));
  ASSERT_TRUE(one_.AskAndAnswer(english, {.headers = {{"Vary", "X-N"}}}));
  one_.Changed(page);
  EXPECT_EQ(two_.Ask(page).kind, Kind::kMiss);
  EXPECT_EQ(two_.Ask(english).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, SafeMethodsAndErrorsForgetNothing) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  one_.Changed(request, "GET", 200);
  one_.Changed(request, "PUT", 409);
  EXPECT_EQ(two_.Ask(request).kind, Kind::kHit);
}

TEST_F(SharedTierTest, OtherTargetsAreNotForgotten) {
  Request request(rule_);
  Request other(rule_, {}, "/v1/other");
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  one_.Changed(other);
  EXPECT_EQ(two_.Ask(request).kind, Kind::kHit);
}

// It was made before the change, wherever it was asked for and wherever the change was made.
TEST_F(SharedTierTest, AnAnswerThatWasAskedForBeforeAChangeIsNotSharedAfterIt) {
  Request request(rule_);
  const Lookup before = one_.Ask(request);
  two_.Changed(request);
  EXPECT_TRUE(one_.gateway.Answer(request, before, {.body = "old"})) << "memory of another proxy cannot know";
  Proxy three(store_);
  EXPECT_EQ(three.Ask(request).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, WhatWasReadBeforeAChangeIsNotUsedAfterIt) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.body = "old"}));
  store_.Hold();
  Proxy::Asking asking(two_, request);
  two_.Changed(request);
  store_.Release();
  ASSERT_TRUE(asking.found->done());
  EXPECT_EQ(asking.lookup.kind, Kind::kMiss);
  EXPECT_EQ(two_.gateway.cache.entries(), 0u);
}

TEST_F(SharedTierTest, UntilTheStoreHasForgottenItIsNotAsked) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.body = "old"}));
  store_.Delay();
  one_.Changed(request);
  EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss);
  EXPECT_EQ(one_.Ask(request).place, nullptr);
  store_.Confirm();
  EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss);
  EXPECT_NE(one_.Ask(request).place, nullptr);
}

}  // namespace
}  // namespace tollgate::cache
