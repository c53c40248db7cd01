#include "proxy/store/redis/refusal_memory.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr SteadyTime kStart{std::chrono::seconds(1000)};

LimitReply Refusal(int64_t retry_us) {
  LimitReply reply;
  reply.verdict = LimitVerdict::kRateLimited;
  reply.answerer = Answerer::kStore;
  reply.retry_after_us = retry_us;
  reply.limits[0] = {0, 2 * retry_us, retry_us};
  return reply;
}

class RefusalMemoryTest : public testing::Test {
 protected:
  bool Recalls(const LimitRequest& request, SteadyTime now = kStart) {
    return memory_.Recall(request, now, reply_);
  }
  void Remember(const LimitRequest& request, int64_t retry_us) {
    memory_.Remember(request, Refusal(retry_us), kStart);
  }

  RefusalMemory memory_{milliseconds(1000), 42};
  LimitReply reply_;
  const RequestBuilder request_ = RequestBuilder().Limit({5, kSecond, 0}).Quota(100, 1);
};

TEST_F(RefusalMemoryTest, KnowsNothingAtFirst) { EXPECT_FALSE(Recalls(request_)); }

TEST_F(RefusalMemoryTest, ARefusalIsRecalledWithWhatIsLeftOfItsTime) {
  Remember(request_, 400'000);
  ASSERT_TRUE(Recalls(request_, kStart + milliseconds(150)));
  EXPECT_EQ(reply_.verdict, LimitVerdict::kRateLimited);
  EXPECT_EQ(reply_.answerer, Answerer::kStore);
  EXPECT_EQ(reply_.retry_after_us, 250'000);
  EXPECT_EQ(reply_.limits[0].retry_us, 250'000);
  EXPECT_EQ(reply_.limits[0].reset_us, 650'000);
  EXPECT_EQ(reply_.store_wait, SteadyTime::duration{});
}

TEST_F(RefusalMemoryTest, NotAMicrosecondLongerThanItHolds) {
  Remember(request_, 400'000);
  EXPECT_TRUE(Recalls(request_, kStart + microseconds(399'999)));
  EXPECT_FALSE(Recalls(request_, kStart + microseconds(400'000)));
}

TEST_F(RefusalMemoryTest, NeverLongerThanASecond) {
  Remember(request_, 3'600'000'000);
  EXPECT_TRUE(Recalls(request_, kStart + microseconds(999'999)));
  EXPECT_FALSE(Recalls(request_, kStart + milliseconds(1000)));
}

TEST_F(RefusalMemoryTest, AnEditOfTheTermsIsANewQuestion) {
  Remember(request_, 400'000);
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({6, kSecond, 0}).Quota(100, 1)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, 2 * kSecond, 0}).Quota(100, 1)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 1}).Quota(100, 1)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 0}).Quota(101, 1)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 0}).Quota(100, 1, true)));
  EXPECT_TRUE(Recalls(RequestBuilder().Limit({5, kSecond, 0}).Quota(100, 1)));
}

TEST_F(RefusalMemoryTest, SoAreAnotherCallerRecordPriceAndWindow) {
  Remember(request_, 400'000);
  EXPECT_FALSE(Recalls(RequestBuilder(2).Limit({5, kSecond, 0}).Quota(100, 1)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 0}, 2).Quota(100, 1)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 0}, 1, KeyGroup::kPlan).Quota(100, 1)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 0}).Quota(100, 2)));
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 0})));
  const WindowBounds next{kNoon + kHour, kNoon + 2 * kHour, kNoon + 3 * kHour};
  EXPECT_FALSE(Recalls(RequestBuilder().Limit({5, kSecond, 0}).Quota(100, 1, false, next)));
}

TEST_F(RefusalMemoryTest, TheLastRefusalCounts) {
  Remember(request_, 100'000);
  Remember(request_, 900'000);
  EXPECT_TRUE(Recalls(request_, kStart + milliseconds(800)));
}

TEST_F(RefusalMemoryTest, MayBeSwitchedOff) {
  RefusalMemory off(milliseconds(0), 42);
  off.Remember(request_, Refusal(400'000), kStart);
  EXPECT_FALSE(off.Recall(request_, kStart, reply_));
}

TEST_F(RefusalMemoryTest, ClearForgets) {
  Remember(request_, 400'000);
  memory_.Clear();
  EXPECT_FALSE(Recalls(request_));
}

TEST_F(RefusalMemoryTest, IsBoundedHoweverManyAreRefused) {
  for (uint64_t i = 0; i < 100'000; ++i) {
    Remember(RequestBuilder(i).Limit({5, kSecond, 0}), 400'000);
    ASSERT_LE(memory_.size(), RefusalMemory::kMost);
  }
  EXPECT_TRUE(Recalls(RequestBuilder(99'999).Limit({5, kSecond, 0})));
}

TEST_F(RefusalMemoryTest, TheOldGoWhereThereIsNoRoom) {
  for (uint64_t i = 0; i + 1 < RefusalMemory::kMost; ++i) {
    Remember(RequestBuilder(i).Limit({5, kSecond, 0}), 1'000);
  }
  Remember(request_, 900'000);
  memory_.Remember(RequestBuilder(7'777'777).Limit({5, kSecond, 0}), Refusal(1'000),
                   kStart + milliseconds(5));
  EXPECT_EQ(memory_.size(), 2u);
  EXPECT_TRUE(Recalls(request_));
}

}  // namespace
}  // namespace tollgate::store
