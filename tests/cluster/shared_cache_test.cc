// Answers that one proxy has stored and another one gives, through a real Redis.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"
#include "tests/kit/redis_server.h"

namespace tollgate::cluster {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kAnn[] = "the-key-of-ann-of-the-cache-test";
constexpr char kBen[] = "the-key-of-ben-of-the-cache-test";

class SharedCache : public Gateway {
 protected:
  static void SetUpTestSuite() {
    redis = new kit::RedisServer({"--maxmemory-policy", "allkeys-lfu"});
    // On two busy cores an answer may take longer than a store of its own machine ever would.
    Begin({"--cache-store=" + redis->url(), "--cache-deadline=1s"});
    ASSERT_TRUE(installation->Apply(
        Plan("cached") + Secret("cached", "ann", kAnn) + Secret("cached", "ben", kBen) +
        Route("cached", "cached.example", "/", "quotes", "market", "cached", "    cache: {ttl: 60s}\n")))
        << installation->said;
    ASSERT_TRUE(kit::Eventually([] { return Ask(1, "/ready", kAnn).status == 200; }));
    ASSERT_TRUE(kit::Eventually([] { return Ask(2, "/ready", kAnn).status == 200; }));
  }
  static void TearDownTestSuite() {
    Gateway::TearDownTestSuite();
    delete redis;
  }

  static kit::HttpAnswer Ask(int proxy, const std::string& target, const std::string& key) {
    return installation->Get(proxy, "cached.example", target, WithKey(key));
  }
  // Asks proxy 1, and waits until what it stored is in Redis, where it goes unawaited.
  static kit::HttpAnswer AskFirst(const std::string& target, const std::string& key) {
    const size_t stored = redis->Keys().size();
    kit::HttpAnswer answer = Ask(1, target, key);
    EXPECT_TRUE(kit::Eventually([&] { return redis->Keys().size() > stored; }));
    return answer;
  }
  static std::string CacheStatus(const kit::HttpAnswer& answer) { return answer.Header("cache-status"); }
  // What the upstream was asked for.
  static std::string Target(const kit::HttpAnswer& answer) {
    return nlohmann::json::parse(answer.body)["target"];
  }

  static kit::RedisServer* redis;
};
kit::RedisServer* SharedCache::redis = nullptr;

TEST_F(SharedCache, WhatOneProxyStoredIsAHitOnTheOther) {
  EXPECT_THAT(CacheStatus(AskFirst("/shared", kAnn)), HasSubstr("fwd=uri-miss"));
  const kit::HttpAnswer second = Ask(2, "/shared", kAnn);
  EXPECT_EQ(second.status, 200);
  EXPECT_THAT(CacheStatus(second), HasSubstr("hit"));
  EXPECT_EQ(Target(second), "/shared");
}

TEST_F(SharedCache, QueriesNeverMix) {
  EXPECT_EQ(Target(AskFirst("/a?x=1", kAnn)), "/a?x=1");
  const kit::HttpAnswer other = Ask(2, "/a?x=2", kAnn);
  EXPECT_THAT(CacheStatus(other), Not(HasSubstr("hit")));
  EXPECT_EQ(Target(other), "/a?x=2");
  const kit::HttpAnswer same = Ask(2, "/a?x=1", kAnn);
  EXPECT_THAT(CacheStatus(same), HasSubstr("hit"));
  EXPECT_EQ(Target(same), "/a?x=1");
}

TEST_F(SharedCache, ConsumersNeverMix) {
  AskFirst("/mine", kAnn);
  const kit::HttpAnswer other = Ask(2, "/mine", kBen);
  EXPECT_THAT(CacheStatus(other), Not(HasSubstr("hit")));
  const nlohmann::json seen = nlohmann::json::parse(other.body)["headers"];
  EXPECT_EQ(seen["X-Tollgate-Consumer"], "market/ben");
  EXPECT_THAT(CacheStatus(Ask(2, "/mine", kAnn)), HasSubstr("hit"));
}

// What is stored goes with its own freshness, in Redis as in memory.
TEST_F(SharedCache, NothingIsKeptLongerThanItIsFresh) {
  AskFirst("/brief", kAnn);
  for (const std::string& key : redis->Keys()) {
    const long left = std::stol(redis->Ask({"PTTL", key}));
    EXPECT_GT(left, 0) << key;
    EXPECT_LE(left, 60'000) << key;
  }
}

}  // namespace
}  // namespace tollgate::cluster
