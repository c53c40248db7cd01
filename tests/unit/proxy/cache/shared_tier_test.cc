#include "proxy/cache/shared_tier.h"

#include <gtest/gtest.h>

#include "proxy/cache/cache_status.h"
#include "tests/unit/proxy/cache/shared_tier_fixture.h"

namespace tollgate::cache {
namespace {

using Kind = Lookup::Kind;
using Outcome = store::CacheReply::Outcome;

TEST_F(SharedTierTest, WhatOneProxyStoredIsAHitOnTheOther) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.headers = {{"X-Kept", "yes"}}, .body = "41.5", .status = 404}));
  const Lookup lookup = two_.Ask(request);
  ASSERT_EQ(lookup.kind, Kind::kHit);
  EXPECT_EQ(lookup.shared_result, SharedResult::kHit);
  EXPECT_EQ(lookup.response->body, "41.5");
  EXPECT_EQ(lookup.response->status, 404);
  EXPECT_EQ(lookup.response->fields.back().value, "yes");
}

TEST_F(SharedTierTest, AHitFillsMemory) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  ASSERT_EQ(two_.Ask(request).kind, Kind::kHit);
  store_.FailWith(Outcome::kAway);
  const Lookup lookup = two_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kHit);
  EXPECT_EQ(lookup.shared_result, SharedResult::kNotAsked);
}

TEST_F(SharedTierTest, AHitInMemoryAsksNobody) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  const size_t before = store_.gets();
  EXPECT_EQ(one_.Ask(request).kind, Kind::kHit);
  EXPECT_EQ(store_.gets(), before);
}

TEST_F(SharedTierTest, CacheStatusTellsTheTier) {
  Request request(rule_);
  exchange::Arena arena;
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  EXPECT_EQ(CacheStatus(two_.Ask(request), false, arena), "tollgate; hit; ttl=60; detail=shared");
  EXPECT_EQ(CacheStatus(two_.Ask(request), false, arena), "tollgate; hit; ttl=60");
}

TEST_F(SharedTierTest, TheAgeGoesOnFromProxyToProxy) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.headers = {{"Age", "5"}}}));
  Pass(seconds(10));
  const Lookup first = two_.Ask(request);
  EXPECT_EQ(first.age_seconds, 15);
  EXPECT_EQ(first.ttl_seconds, 45);
  Pass(seconds(20));
  EXPECT_EQ(two_.Ask(request).age_seconds, 35);
}

TEST_F(SharedTierTest, TheTimeToLiveIsTheEntrysOwnInBothTiers) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.headers = {{"Cache-Control", "max-age=30"}}}));
  Pass(seconds(25));
  ASSERT_EQ(two_.Ask(request).kind, Kind::kHit);
  Pass(seconds(4));
  EXPECT_EQ(two_.Ask(request).kind, Kind::kHit);
  Pass(seconds(1));
  EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss);
  EXPECT_EQ(one_.Ask(request).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, TheClocksOfTheProxiesMayDiffer) {
  for (const seconds apart : {seconds(3600), seconds(-3600)}) {
    Request request(rule_, {}, "/" + std::to_string(apart.count()));
    two_.gateway.now = one_.gateway.now + apart.count() * kSecond;
    ASSERT_TRUE(one_.AskAndAnswer(request, {}));
    Pass(seconds(50));
    EXPECT_EQ(two_.Ask(request).age_seconds, 50);
    Pass(seconds(10));
    EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss);
  }
}

TEST_F(SharedTierTest, QueriesNeverMix) {
  Request one(rule_);
  Request two(rule_);
  Request none(rule_);
  one.has_query = two.has_query = true;
  one.query = "x=1";
  two.query = "x=2";
  ASSERT_TRUE(one_.AskAndAnswer(one, {.body = "one"}));
  EXPECT_EQ(Body(two_, two), "");
  EXPECT_EQ(Body(two_, none), "");
  ASSERT_TRUE(one_.AskAndAnswer(two, {.body = "two"}));
  EXPECT_EQ(Body(two_, one), "one");
  EXPECT_EQ(Body(two_, two), "two");
}

TEST_F(SharedTierTest, ConsumersNeverMix) {
  rule_.Scope(api::Cache::CONSUMER);
  Rule other;
  other.Scope(api::Cache::CONSUMER);
  other.consumer.set_id("market/bob");
  Request ada(rule_);
  Request bob(other);
  ASSERT_TRUE(one_.AskAndAnswer(ada, {.body = "ada's"}));
  EXPECT_EQ(Body(two_, bob), "");
  EXPECT_EQ(Body(two_, ada), "ada's");
}

TEST_F(SharedTierTest, HostsNeverMix) {
  Request here(rule_);
  Request there(rule_);
  there.host = "other.example.com";
  ASSERT_TRUE(one_.AskAndAnswer(here, {.body = "here"}));
  EXPECT_EQ(Body(two_, there), "");
}

TEST_F(SharedTierTest, WhatBearsTheSameDigestDoesNotMix) {
  store_.Collide();
  Request one(rule_);
  Request two(rule_);
  two.has_query = true;
  two.query = "x=2";
  ASSERT_TRUE(one_.AskAndAnswer(one, {.body = "one"}));
  const Lookup lookup = two_.Ask(two);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kMiss);
}

TEST_F(SharedTierTest, AHeadIsAnsweredFromAStoredGet) {
  Request get(rule_);
  Request head(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(get, {}));
  EXPECT_EQ(two_.Ask(head.Method("HEAD")).kind, Kind::kHit);
}

TEST_F(SharedTierTest, OnlyIfCachedIsAnsweredFromTheSharedTier) {
  Request plain(rule_);
  Request only(rule_, {{"Cache-Control", "only-if-cached"}});
  EXPECT_EQ(two_.Ask(only).kind, Kind::kOnlyIfCached);
  ASSERT_TRUE(one_.AskAndAnswer(plain, {}));
  EXPECT_EQ(two_.Ask(only).kind, Kind::kHit);
}

TEST_F(SharedTierTest, NoCacheIsNotAnsweredButRefreshesForAll) {
  Request plain(rule_);
  Request reload(rule_, {{"Cache-Control", "no-cache"}});
  ASSERT_TRUE(one_.AskAndAnswer(plain, {.body = "old"}));
  EXPECT_EQ(two_.Ask(reload).kind, Kind::kMiss);
  ASSERT_TRUE(two_.AskAndAnswer(reload, {.body = "new"}));
  Proxy three(store_);
  EXPECT_EQ(Body(three, plain), "new");
}

TEST_F(SharedTierTest, AnAnswerThatIsTooOldForTheRequestIsAMiss) {
  Request plain(rule_);
  Request young(rule_, {{"Cache-Control", "max-age=5"}});
  ASSERT_TRUE(one_.AskAndAnswer(plain, {}));
  Pass(seconds(10));
  const Lookup lookup = two_.Ask(young);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.forward, Forward::kRequest);
}

TEST_F(SharedTierTest, ARequestThatWantsNothingStoredLeavesNothingBehind) {
  Request plain(rule_);
  Request secret(rule_, {{"Cache-Control", "no-store"}});
  EXPECT_FALSE(one_.AskAndAnswer(secret, {}));
  EXPECT_EQ(store_.size(), 0u);
  ASSERT_TRUE(one_.AskAndAnswer(plain, {}));
  EXPECT_EQ(two_.Ask(secret).kind, Kind::kHit);
  EXPECT_EQ(two_.gateway.cache.entries(), 0u);
}

TEST_F(SharedTierTest, AStoreThatIsAwayIsAMiss) {
  store_.FailWith(Outcome::kAway);
  Request request(rule_);
  const Lookup lookup = one_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kDown);
  EXPECT_TRUE(one_.gateway.Answer(request, lookup, {})) << "memory goes on";
  EXPECT_EQ(store_.size(), 0u) << "of no edition";
  store_.Recover();
  EXPECT_EQ(two_.Ask(request).kind, Kind::kMiss);
}

TEST_F(SharedTierTest, AStoreThatIsLateIsAMiss) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {}));
  store_.FailWith(Outcome::kLate);
  const Lookup lookup = two_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kLate);
}

TEST_F(SharedTierTest, ADamagedValueIsAMissAndIsReplaced) {
  Request request(rule_);
  ASSERT_TRUE(one_.AskAndAnswer(request, {.body = "old"}));
  store_.Damage();
  const Lookup lookup = two_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kMiss);
  EXPECT_EQ(lookup.shared_result, SharedResult::kDamaged);
  ASSERT_TRUE(two_.gateway.Answer(request, lookup, {.body = "new"}));
  Proxy three(store_);
  EXPECT_EQ(Body(three, request), "new");
}

TEST_F(SharedTierTest, WhatAgedWhileItCameIsNotShared) {
  Request request(rule_);
  const Lookup lookup = one_.Ask(request);
  const HeadOf head(Reply{});
  ResponseCache& cache = one_.gateway.cache;
  std::optional<Recording> recording = cache.Record(
      request.get(), lookup, head.head, {http::Framing::Kind::kChunked}, one_.gateway.now, one_.gateway.now);
  ASSERT_TRUE(recording);
  Pass(seconds(60));
  recording->Commit();
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(SharedTierTest, WhatMemoryCannotHoldIsSharedAllTheSame) {
  Proxy small(store_, {.capacity_bytes = 100});
  Request request(rule_);
  EXPECT_FALSE(small.AskAndAnswer(request, {.body = "41.5"}));
  EXPECT_EQ(Body(small, request), "41.5");
  EXPECT_EQ(small.gateway.cache.entries(), 0u);
}

TEST_F(SharedTierTest, ARuleWithoutCacheAsksNobody) {
  rule_.spec.clear_cache();
  Request request(rule_);
  EXPECT_FALSE(one_.Ask(request).missed());
  EXPECT_EQ(store_.gets(), 0u);
}

TEST_F(SharedTierTest, WhatCannotBeServedFromAWholeAsksNobody) {
  Request range(rule_, {{"Range", "bytes=0-1"}});
  Request post(rule_);
  EXPECT_FALSE(one_.Ask(range).missed());
  EXPECT_FALSE(one_.Ask(post.Method("POST")).missed());
  EXPECT_EQ(store_.gets(), 0u);
}

}  // namespace
}  // namespace tollgate::cache
