// The in-process store: under the rules of all stores, and what only it promises.
#include "proxy/store/memory_limit_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

class FakeWallClock final : public WallClock {
 public:
  WallMicros Now() const override { return now_.load(std::memory_order_relaxed); }
  void Set(WallMicros now) { now_.store(now, std::memory_order_relaxed); }

 private:
  std::atomic<WallMicros> now_ = kNoon;
};

// What an awaiting coroutine does with a store that answers at once.
LimitReply AskAtOnce(LimitStore& store, const LimitRequest& request) {
  LimitStore::DecideAwaiter decide = store.Decide(request);
  EXPECT_TRUE(decide.await_ready());
  return decide.await_resume();
}

class MemoryStoreUnderTest final : public StoreUnderTest {
 public:
  void SetTime(WallMicros now) override { clock_.Set(now); }
  LimitReply Decide(const LimitRequest& request) override { return AskAtOnce(store_, request); }

 private:
  FakeWallClock clock_;
  MemoryLimitStore store_{clock_, 42};
};

std::unique_ptr<StoreUnderTest> MakeMemoryStore() { return std::make_unique<MemoryStoreUnderTest>(); }

INSTANTIATE_TEST_SUITE_P(InProcess, LimitStoreRules, testing::Values(&MakeMemoryStore),
                         [](const auto&) { return "Memory"; });

class MemoryLimitStoreTest : public testing::Test {
 protected:
  LimitReply Ask(const LimitRequest& request) { return AskAtOnce(store_, request); }
  bool Admits(const LimitRequest& request) { return Ask(request).verdict == LimitVerdict::kAdmitted; }
  static RequestBuilder Everything(uint64_t consumer) {
    return RequestBuilder(consumer)
        .Limit({10, kSecond, 0}, 1)
        .Limit({1000, kSecond, 0}, 2)
        .Limit({10, kSecond, 20}, 3)
        .Quota(1000, 1);
  }

  FakeWallClock clock_;
  MemoryLimitStore store_{clock_, 42};
};

TEST_F(MemoryLimitStoreTest, HoldsNothingOnceAllWindowsAreOver) {
  for (uint64_t consumer = 0; consumer < 5000; ++consumer) ASSERT_TRUE(Admits(Everything(consumer)));
  EXPECT_EQ(store_.Held().records, 20'000U);
  clock_.Set(kNoon + 3 * kHour);
  store_.Sweep(SIZE_MAX);
  EXPECT_EQ(store_.Held().records, 0U);
  EXPECT_EQ(store_.Held().bytes, 0U);
}

TEST_F(MemoryLimitStoreTest, SweepLeavesWhatCounts) {
  const RequestBuilder request = OneLimit({1, kHour, 0});
  EXPECT_TRUE(Admits(request));
  clock_.Set(kNoon + kHour);
  store_.Sweep(SIZE_MAX);
  EXPECT_FALSE(Admits(request));
}

TEST_F(MemoryLimitStoreTest, BoundedSweepsReachEveryRecord) {
  for (uint64_t consumer = 0; consumer < 5000; ++consumer) ASSERT_TRUE(Admits(Everything(consumer)));
  clock_.Set(kNoon + 3 * kHour);
  for (int i = 0; i < 2000 && store_.Held().records > 0; ++i) store_.Sweep(64);
  EXPECT_EQ(store_.Held().records, 0U);
}

// Callers that come once and never again, as in an attack from many addresses: nobody calls Sweep().
TEST_F(MemoryLimitStoreTest, PassingCallersTakeTheRoomOfThoseInTheirWindows) {
  size_t most = 0;
  for (uint64_t caller = 0; caller < 200'000; ++caller) {
    clock_.Set(kNoon + static_cast<int64_t>(caller) * 1000);
    ASSERT_TRUE(Admits(RequestBuilder(caller).Limit({10, kSecond, 0})));
    if (caller % 1000 == 0) most = std::max(most, store_.Held().records);
  }
  // 2,000 callers are within their second and the margin.
  EXPECT_LE(most, 10'000U);
}

TEST_F(MemoryLimitStoreTest, ConsumerAndLimitTakeAKibibyteAtMost) {
  const std::vector<RateTerms> largest = {{128, kSecond, 0}, {100'000, kSecond, 0}, {1000, kSecond, 1000}};
  for (const RateTerms& terms : largest) {
    MemoryLimitStore store(clock_, 42);
    constexpr size_t kCallers = 2000;
    for (uint64_t caller = 0; caller < kCallers; ++caller) {
      const RequestBuilder request = RequestBuilder(caller).Limit(terms);
      for (int i = 0; i < 128; ++i) AskAtOnce(store, request);
    }
    // 1 KiB, the record around it and its place in the table.
    EXPECT_LE(store.Held().bytes / kCallers, 1024U + 256U) << terms.requests;
  }
}

TEST_F(MemoryLimitStoreTest, LimitThatIsGivenABurstBeginsARecordOfItsOwn) {
  EXPECT_TRUE(Admits(OneLimit({1, kSecond, 0})));
  EXPECT_TRUE(Admits(OneLimit({1, kSecond, 1})));
  EXPECT_FALSE(Admits(OneLimit({1, kSecond, 0})));
}

// Runs `work(t)` on eight threads that begin together.
template <class Work>
void OnEightThreads(Work work) {
  std::barrier start(8);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      start.arrive_and_wait();
      work(t);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(MemoryLimitStoreTest, QuotaIsExactUnderEightThreads) {
  constexpr uint64_t kCredits = 700'000;
  std::atomic<uint64_t> charged = 0;
  OnEightThreads([&](uint64_t t) {
    const uint64_t cost = 1 + t % 2;
    const RequestBuilder builder = RequestBuilder().Quota(kCredits, cost);
    const LimitRequest& request = builder;
    uint64_t mine = 0;
    for (int i = 0; i < 80'000; ++i) mine += Admits(request) ? cost : 0;
    charged += mine;
  });
  EXPECT_EQ(charged.load(), kCredits);
}

// Requests that need several shards in any order: no deadlock, and each limit is exact.
TEST_F(MemoryLimitStoreTest, GroupsAreExactUnderEightThreads) {
  constexpr uint64_t kAll = 250'000;
  constexpr uint64_t kEach = 40'000;
  std::atomic<uint64_t> sum = 0;
  OnEightThreads([&](uint64_t t) {
    uint64_t mine = 0;
    for (uint64_t i = 0; i < 50'000; ++i) {
      const RequestBuilder request = RequestBuilder(t)
                                         .Key(KeyGroup::kAddress, {7, i % 100})
                                         .Limit({kAll, kHour, 0}, 1, KeyGroup::kPlan)
                                         .Limit({100'000, kHour, 0}, 2, KeyGroup::kAddress)
                                         .Limit({kEach, kHour, kEach}, 3);
      if (Admits(request)) ++mine;
    }
    EXPECT_LE(mine, kEach);
    sum += mine;
  });
  EXPECT_EQ(sum.load(), kAll);
}

}  // namespace
}  // namespace tollgate::store
