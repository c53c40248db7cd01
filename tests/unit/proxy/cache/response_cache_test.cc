#include "proxy/cache/response_cache.h"

#include <gtest/gtest.h>

#include "proxy/http/head_writer.h"
#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

using Kind = Lookup::Kind;

class ResponseCacheTest : public testing::Test {
 protected:
  Kind Ask(const Headers& headers = {}) {
    Request request(rule_, headers);
    return gateway_.Ask(request).kind;
  }
  std::string Body(const Headers& headers = {}) {
    Request request(rule_, headers);
    const Lookup lookup = gateway_.Ask(request);
    return lookup.kind == Kind::kHit ? lookup.response->body : "";
  }
  bool Store(const Reply& reply = {}, const Headers& headers = {}) {
    Request request(rule_, headers);
    return gateway_.AskAndAnswer(request, reply);
  }

  Rule rule_;
  Gateway gateway_;
};

TEST_F(ResponseCacheTest, SecondRequestIsAHitWithItsAge) {
  ASSERT_TRUE(Store({.headers = {{"Age", "5"}}, .body = "41.5"}));
  gateway_.now += 10 * kSecond;
  Request request(rule_);
  const Lookup lookup = gateway_.Ask(request);
  ASSERT_EQ(lookup.kind, Kind::kHit);
  EXPECT_EQ(lookup.response->body, "41.5");
  EXPECT_EQ(lookup.age_seconds, 15);
  EXPECT_EQ(lookup.ttl_seconds, 45);
}

TEST_F(ResponseCacheTest, HeadIsAnsweredFromAStoredGet) {
  ASSERT_TRUE(Store());
  Request head(rule_);
  EXPECT_EQ(gateway_.Ask(head.Method("HEAD")).kind, Kind::kHit);
}

TEST_F(ResponseCacheTest, AnswerToHeadIsNotStored) {
  Request head(rule_);
  head.Method("HEAD");
  EXPECT_FALSE(gateway_.AskAndAnswer(head, {.body = ""}));
}

TEST_F(ResponseCacheTest, RuleWithoutCacheStoresNothing) {
  rule_.spec.clear_cache();
  Request request(rule_);
  const Lookup lookup = gateway_.Ask(request);
  EXPECT_EQ(lookup.kind, Kind::kBypass);
  EXPECT_FALSE(gateway_.Answer(request, lookup, {}));
}

TEST_F(ResponseCacheTest, WhatCannotBeServedFromAWholeIsForwarded) {
  ASSERT_TRUE(Store());
  EXPECT_EQ(Ask({{"Range", "bytes=0-1"}}), Kind::kBypass);
  EXPECT_EQ(Ask({{"If-Match", "\"a\""}}), Kind::kBypass);
  EXPECT_EQ(Ask({{"If-Unmodified-Since", std::string(kNowText)}}), Kind::kBypass);
  EXPECT_EQ(Ask({{"X-HTTP-Method-Override", "DELETE"}}), Kind::kBypass);
  EXPECT_EQ(Ask({{"X_HTTP_Method_Override", "DELETE"}}), Kind::kBypass);
  EXPECT_EQ(Ask({{"If_Match", "\"a\""}}), Kind::kBypass);
  Request fat(rule_);
  fat.has_body = true;
  EXPECT_EQ(gateway_.Ask(fat).kind, Kind::kBypass);
}

TEST_F(ResponseCacheTest, NoCacheRefreshesWhatIsStored) {
  ASSERT_TRUE(Store({.body = "old"}));
  EXPECT_EQ(Ask({{"Cache-Control", "no-cache"}}), Kind::kMiss);
  EXPECT_EQ(Ask({{"Pragma", "no-cache"}}), Kind::kMiss);
  ASSERT_TRUE(Store({.body = "new"}, {{"Cache-Control", "no-cache"}}));
  EXPECT_EQ(Body(), "new");
  EXPECT_EQ(gateway_.cache.entries(), 1u);
}

TEST_F(ResponseCacheTest, OnlyIfCachedNeverGoesUpstream) {
  const Headers only = {{"Cache-Control", "only-if-cached"}};
  EXPECT_EQ(Ask(only), Kind::kOnlyIfCached);
  EXPECT_EQ(Ask({{"Cache-Control", "only-if-cached, no-cache"}}), Kind::kOnlyIfCached);
  EXPECT_EQ(Ask({{"Cache-Control", "only-if-cached"}, {"Range", "bytes=0-1"}}), Kind::kOnlyIfCached);
  ASSERT_TRUE(Store());
  EXPECT_EQ(Ask(only), Kind::kHit);
}

TEST_F(ResponseCacheTest, ExpiredAnswerIsDroppedWhenMet) {
  ASSERT_TRUE(Store());
  gateway_.now += 60 * kSecond;
  EXPECT_EQ(Ask(), Kind::kMiss);
  EXPECT_EQ(gateway_.cache.entries(), 0u);
  EXPECT_EQ(gateway_.cache.bytes(), 0u);
}

TEST_F(ResponseCacheTest, AnswerThatIsStaleOnArrivalIsNotStored) {
  EXPECT_FALSE(Store({.headers = {{"Cache-Control", "max-age=0"}}}));
  EXPECT_FALSE(Store({.headers = {{"Cache-Control", "max-age=10"}, {"Age", "10"}}}));
  EXPECT_FALSE(Store({.headers = {{"Expires", "0"}}}));
  rule_.cache().set_ttl_ms(0);
  EXPECT_FALSE(Store());
}

TEST_F(ResponseCacheTest, VaryStarIsNotStored) { EXPECT_FALSE(Store({.headers = {{"Vary", "*"}}})); }

TEST_F(ResponseCacheTest, ScopeKeepsConsumersApart) {
  rule_.Scope(api::Cache::CONSUMER);
  ASSERT_TRUE(Store({.body = "ada's"}));
  EXPECT_EQ(Body(), "ada's");
  rule_.consumer.set_id("market/bob");
  EXPECT_EQ(Ask(), Kind::kMiss);
}

TEST_F(ResponseCacheTest, CallerWhoIsNobodyHasNoConsumersScope) {
  rule_.Scope(api::Cache::CONSUMER);
  Request request(rule_);
  request.permitted.identity = {};
  EXPECT_EQ(gateway_.Ask(request).kind, Kind::kBypass);
}

TEST_F(ResponseCacheTest, EachVariantHasItsAnswer) {
  const Reply english{.headers = {{"Vary", "Accept-Language"}}, .body = "hello"};
  const Reply french{.headers = {{"Vary", "Accept-Language"}}, .body = "bonjour"};
  ASSERT_TRUE(Store(english, {{"Accept-Language", "en"}}));
  ASSERT_TRUE(Store(french, {{"Accept-Language", "fr"}}));
  EXPECT_EQ(Body({{"Accept-Language", "en"}}), "hello");
  EXPECT_EQ(Body({{"Accept-Language", "fr"}}), "bonjour");
  EXPECT_EQ(Ask(), Kind::kMiss);
}

TEST_F(ResponseCacheTest, OldestOfTooManyVariantsMakesRoom) {
  for (int i = 0; i < 17; ++i) {
    ASSERT_TRUE(Store({.headers = {{"Vary", "X-N"}}}, {{"X-N", std::to_string(i)}}));
  }
  EXPECT_EQ(gateway_.cache.entries(), 16u);
  EXPECT_EQ(Ask({{"X-N", "0"}}), Kind::kMiss);
  EXPECT_EQ(Ask({{"X-N", "1"}}), Kind::kHit);
  EXPECT_EQ(Ask({{"X-N", "16"}}), Kind::kHit);
}

TEST_F(ResponseCacheTest, AnswerWithoutVaryStandsForAllVariants) {
  ASSERT_TRUE(Store({.headers = {{"Vary", "X-N"}}, .body = "1"}, {{"X-N", "1"}}));
  ASSERT_TRUE(Store({.headers = {{"Vary", "X-N"}}, .body = "2"}, {{"X-N", "2"}}));
  ASSERT_TRUE(Store({.body = "all"}, {{"X-N", "3"}}));
  EXPECT_EQ(Body({{"X-N", "1"}}), "all");
  EXPECT_EQ(gateway_.cache.entries(), 1u);
}

TEST_F(ResponseCacheTest, AnswerThatBeginsToVaryReplacesTheOneThatDidNot) {
  ASSERT_TRUE(Store({.body = "all"}));
  ASSERT_TRUE(
      Store({.headers = {{"Vary", "X-N"}}, .body = "1"}, {{"X-N", "1"}, {"Cache-Control", "no-cache"}}));
  EXPECT_EQ(Ask(), Kind::kMiss);
  EXPECT_EQ(Body({{"X-N", "1"}}), "1");
}

TEST_F(ResponseCacheTest, RecordingThatIsNotCommittedStoresNothing) {
  Request request(rule_);
  const Lookup lookup = gateway_.Ask(request);
  const HeadOf head(Reply{});
  {
    auto recording =
        gateway_.cache.Record(request.get(), lookup, head.head, {http::Framing::Kind::kChunked}, kNow, kNow);
    ASSERT_TRUE(recording);
    EXPECT_TRUE(recording->Append("half of a long enough body"));
    EXPECT_GT(gateway_.cache.recording_bytes(), 0u);
  }
  EXPECT_EQ(gateway_.cache.recording_bytes(), 0u);
  EXPECT_EQ(Ask(), Kind::kMiss);
}

TEST_F(ResponseCacheTest, BodyOfAnotherLengthThanAnnouncedIsNotStored) {
  Request request(rule_);
  const Lookup lookup = gateway_.Ask(request);
  const HeadOf head(Reply{});
  auto recording =
      gateway_.cache.Record(request.get(), lookup, head.head, {http::Framing::Kind::kLength, 10}, kNow, kNow);
  ASSERT_TRUE(recording->Append("nine byte"));
  EXPECT_FALSE(recording->Commit());
}

class BodySizeTest : public ResponseCacheTest {
 protected:
  BodySizeTest() : small_({.capacity_bytes = 1 << 20, .max_body_bytes = 1000}) {}
  bool StoreBody(size_t size, http::Framing::Kind framing) {
    Request request(rule_);
    return small_.AskAndAnswer(request, {.body = std::string(size, 'x'), .framing = framing});
  }
  Gateway small_;
};

TEST_F(BodySizeTest, BodyOneByteTooLargeIsNotStored) {
  for (const auto framing : {http::Framing::Kind::kLength, http::Framing::Kind::kChunked}) {
    EXPECT_FALSE(StoreBody(1001, framing));
    EXPECT_EQ(small_.cache.entries(), 0u);
    EXPECT_EQ(small_.cache.recording_bytes(), 0u);
  }
  EXPECT_TRUE(StoreBody(1000, http::Framing::Kind::kChunked));
}

TEST_F(BodySizeTest, RecordingsTogetherAreBounded) {
  Gateway gateway({.capacity_bytes = 4000, .max_body_bytes = 1000});
  Request request(rule_);
  const HeadOf head(Reply{});
  const auto begin = [&] {
    return gateway.cache.Record(request.get(), gateway.Ask(request), head.head,
                                {http::Framing::Kind::kLength, 600}, kNow, kNow);
  };
  auto first = begin();
  auto second = begin();
  EXPECT_TRUE(first->Append(std::string(600, 'x')));
  EXPECT_FALSE(second->Append(std::string(600, 'x')));
  EXPECT_FALSE(second->Commit());
  EXPECT_TRUE(first->Commit());
  EXPECT_EQ(gateway.cache.recording_bytes(), 0u);
}

}  // namespace
}  // namespace tollgate::cache
