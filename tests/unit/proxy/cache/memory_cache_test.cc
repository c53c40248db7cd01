#include "proxy/cache/memory_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

class MemoryCacheTest : public testing::Test {
 protected:
  static constexpr size_t kCapacity = 1 << 20;

  static std::shared_ptr<StoredResponse> Response(size_t body_size) {
    auto response = std::make_shared<StoredResponse>();
    response->body.assign(body_size, 'x');
    return response;
  }
  static std::string KeyOf(int n) { return "key " + std::to_string(n); }
  static KeyRef Ref(const std::string& key) { return {key, HashBytes(key)}; }

  bool Insert(int n, size_t body_size = 1000) {
    const std::string key = KeyOf(n);
    return cache_.Insert(Ref(key), Response(body_size), targets_.Pin("h", "/"));
  }
  bool Has(int n, Request& request) {
    const std::string key = KeyOf(n);
    return cache_.Find(Ref(key), request.get()).response != nullptr;
  }
  bool Has(int n) { return Has(n, request_); }
  int Present(int begin, int end) {
    int present = 0;
    for (int n = begin; n < end; ++n) present += Has(n) ? 1 : 0;
    return present;
  }

  Rule rule_;
  Request request_{rule_};
  TargetBook targets_;
  MemoryCache cache_{kCapacity};
};

TEST_F(MemoryCacheTest, CountsMoreThanTheBody) {
  ASSERT_TRUE(Insert(1, 1000));
  EXPECT_GT(cache_.bytes(), 1000 + KeyOf(1).size() + sizeof(StoredResponse));
  EXPECT_EQ(cache_.entries(), 1u);
}

TEST_F(MemoryCacheTest, StaysWithinItsCapacity) {
  for (int n = 0; n < 5000; ++n) {
    ASSERT_TRUE(Insert(n));
    ASSERT_LE(cache_.bytes(), kCapacity);
  }
  EXPECT_GT(cache_.bytes(), kCapacity * 9 / 10);
  EXPECT_GT(cache_.evictions(), 3000u);
}

TEST_F(MemoryCacheTest, AnswerLargerThanTheCapacityIsRefusedAndEvictsNothing) {
  ASSERT_TRUE(Insert(1));
  EXPECT_FALSE(Insert(2, kCapacity));
  EXPECT_TRUE(Has(1));
}

TEST_F(MemoryCacheTest, OneLargeAnswerMayUseWhatManySmallOnesHeld) {
  for (int n = 0; n < 2000; ++n) ASSERT_TRUE(Insert(n));
  EXPECT_TRUE(Insert(9999, kCapacity * 3 / 4));
  EXPECT_TRUE(Has(9999));
}

TEST_F(MemoryCacheTest, ScanOfKeysThatNobodyAsksForAgainLeavesTheOthers) {
  constexpr int kHot = 300;
  for (int n = 0; n < kHot; ++n) ASSERT_TRUE(Insert(n));
  ASSERT_EQ(Present(0, kHot), kHot);
  // Twenty times the capacity goes by.
  for (int n = kHot; n < kHot + 20'000; ++n) ASSERT_TRUE(Insert(n));
  EXPECT_EQ(Present(0, kHot), kHot);
}

TEST_F(MemoryCacheTest, WhatIsNoLongerAskedForMakesRoom) {
  for (int n = 0; n < 300; ++n) ASSERT_TRUE(Insert(n));
  ASSERT_EQ(Present(0, 300), 300);
  // A new set of the same kind takes over: each is asked for again soon after it came.
  for (int n = 1000; n < 6000; ++n) {
    ASSERT_TRUE(Insert(n));
    ASSERT_TRUE(Has(n));
  }
  EXPECT_EQ(Present(0, 300), 0);
}

// What was dropped is remembered by a table that is keyed by a secret of the process: of twenty keys one or
// two may have lost their place in it to another.
TEST_F(MemoryCacheTest, KeysThatComeBackSoonAreKept) {
  const auto scan = [this](int begin) {
    for (int n = begin; n < begin + 2000; ++n) ASSERT_TRUE(Insert(n));
  };
  scan(1000);
  for (int n = 0; n < 20; ++n) ASSERT_TRUE(Insert(n));
  scan(10'000);
  for (int n = 0; n < 20; ++n) ASSERT_FALSE(Has(n));
  for (int n = 0; n < 20; ++n) ASSERT_TRUE(Insert(n));
  scan(20'000);
  int kept = 0;
  for (int n = 0; n < 20; ++n) kept += Has(n) ? 1 : 0;
  EXPECT_GE(kept, 10);
}

TEST_F(MemoryCacheTest, OneMakesRoomWhereAllAreInUse) {
  for (int n = 0; n < 5000; ++n) {
    ASSERT_TRUE(Insert(n));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(Has(n));
  }
  EXPECT_GT(cache_.bytes(), kCapacity * 9 / 10);
}

TEST_F(MemoryCacheTest, RefreshKeepsItsPlace) {
  ASSERT_TRUE(Insert(1));
  ASSERT_TRUE(Has(1));
  ASSERT_TRUE(Insert(1));
  EXPECT_EQ(cache_.entries(), 1u);
  for (int n = 100; n < 5000; ++n) ASSERT_TRUE(Insert(n));
  EXPECT_TRUE(Has(1));
}

TEST_F(MemoryCacheTest, AnswerThatIsBeingSentOutlivesItsEviction) {
  ASSERT_TRUE(Insert(1));
  const std::string key = KeyOf(1);
  const std::shared_ptr<const StoredResponse> held = cache_.Find(Ref(key), request_.get()).response;
  cache_.Drop(Ref(key), *held);
  EXPECT_FALSE(Has(1));
  EXPECT_EQ(held->body.size(), 1000u);
  EXPECT_EQ(cache_.bytes(), 0u);
}

TEST_F(MemoryCacheTest, KeysOfOneHashAreTwoEntries) {
  const uint64_t hash = 42;
  ASSERT_TRUE(cache_.Insert({"a", hash}, Response(1), targets_.Pin("h", "/")));
  EXPECT_EQ(cache_.Find({"b", hash}, request_.get()).response, nullptr);
  ASSERT_TRUE(cache_.Insert({"b", hash}, Response(2), targets_.Pin("h", "/")));
  EXPECT_EQ(cache_.Find({"a", hash}, request_.get()).response->body.size(), 1u);
  EXPECT_EQ(cache_.Find({"b", hash}, request_.get()).response->body.size(), 2u);
}

TEST_F(MemoryCacheTest, BoundHoldsWhileManyThreadsStoreFindDropAndInvalidate) {
  std::atomic<bool> exceeded = false;
  const auto work = [this, &exceeded](uint32_t seed) {
    Rule rule;
    Request request(rule);
    std::mt19937 random(seed);
    for (int i = 0; i < 20'000; ++i) {
      const int n = static_cast<int>(random() % 3000);
      const std::string key = KeyOf(n);
      const Found found = cache_.Find(Ref(key), request.get());
      if (found.response == nullptr) {
        cache_.Insert(Ref(key), Response(random() % 4000), targets_.Pin("h", key));
      } else if (random() % 8 == 0) {
        cache_.Drop(Ref(key), *found.response);
      } else if (random() % 8 == 0) {
        targets_.Invalidate("h", key);
      }
      if (cache_.bytes() > kCapacity) exceeded = true;
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t seed = 0; seed < 4; ++seed) threads.emplace_back(work, seed);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_GT(cache_.entries(), 0u);

  for (int n = 0; n < 3000; ++n) {
    const std::string key = KeyOf(n);
    const Found found = cache_.Find(Ref(key), request_.get());
    if (found.response != nullptr) cache_.Drop(Ref(key), *found.response);
  }
  EXPECT_EQ(cache_.bytes(), 0u);
  EXPECT_EQ(cache_.entries(), 0u);
}

}  // namespace
}  // namespace tollgate::cache
