#include "proxy/store/redis/slow_watch.h"

#include <gtest/gtest.h>

namespace tollgate::store {
namespace {

using std::chrono::milliseconds;

constexpr SteadyTime kStart{std::chrono::seconds(1000)};

class SlowWatchTest : public testing::Test {
 protected:
  // Whether any of so many decisions at once was one too many.
  bool Note(int count, bool slow, SteadyTime now) {
    bool any = false;
    for (int i = 0; i < count; ++i) any = watch_.Note(slow, now) || any;
    return any;
  }
  bool Quick(int count, SteadyTime now) { return Note(count, false, now); }
  bool Slow(int count, SteadyTime now) { return Note(count, true, now); }

  SlowWatch watch_;
};

TEST_F(SlowWatchTest, ThreeOfFewAreTooMany) {
  EXPECT_FALSE(Slow(2, kStart));
  EXPECT_FALSE(Quick(90, kStart));
  EXPECT_TRUE(Slow(1, kStart));
}

TEST_F(SlowWatchTest, OfAHundredMoreThanOneInAHundredIs) {
  EXPECT_FALSE(Quick(990, kStart));
  EXPECT_FALSE(Slow(10, kStart));
  EXPECT_TRUE(Slow(1, kStart));
}

TEST_F(SlowWatchTest, ManyQuickOnesExcuseThreeSlowOnes) {
  EXPECT_FALSE(Quick(1000, kStart));
  EXPECT_FALSE(Slow(3, kStart));
}

TEST_F(SlowWatchTest, WhatIsHalfASecondAgoCountsNoMore) {
  EXPECT_FALSE(Slow(2, kStart));
  EXPECT_FALSE(Slow(2, kStart + milliseconds(501)));
}

TEST_F(SlowWatchTest, WhatIsAQuarterOfASecondAgoCounts) {
  EXPECT_FALSE(Slow(2, kStart));
  EXPECT_TRUE(Slow(1, kStart + milliseconds(250)));
}

// However the decisions fall: three that count together lie within half a second.
TEST_F(SlowWatchTest, NoWindowIsLongerThanHalfASecond) {
  for (int first = 0; first < 250; first += 10) {
    for (int second = first; second < 1000; second += 10) {
      for (int third = second; third < 1500; third += 10) {
        SlowWatch watch;
        watch.Note(false, kStart);
        watch.Note(true, kStart + milliseconds(first));
        watch.Note(true, kStart + milliseconds(second));
        if (!watch.Note(true, kStart + milliseconds(third))) continue;
        ASSERT_LT(third - first, 500) << first << " " << second << " " << third;
      }
    }
  }
}

TEST_F(SlowWatchTest, SlownessThatGoesOnIsSeenAtAnyRate) {
  SteadyTime now = kStart;
  bool seen = false;
  for (int i = 0; i < 10 && !seen; ++i) seen = Slow(1, now += milliseconds(100));
  EXPECT_TRUE(seen);
}

TEST_F(SlowWatchTest, ClearForgets) {
  Slow(2, kStart);
  watch_.Clear();
  EXPECT_FALSE(Slow(2, kStart));
}

}  // namespace
}  // namespace tollgate::store
