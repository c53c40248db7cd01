#include "api/base/backoff.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirst{200};
constexpr milliseconds kLongest{30'000};

Backoff WithRandom(double value) {
  return Backoff(kFirst, kLongest, [value] { return value; });
}

TEST(Backoff, DoublesUpToTheLongestDelay) {
  Backoff backoff = WithRandom(0);
  for (const int expected : {100, 200, 400, 800, 1600, 3200, 6400, 12800, 15000, 15000}) {
    EXPECT_EQ(backoff.Next(), milliseconds(expected));
  }
}

TEST(Backoff, WaitsBetweenHalfAndAllOfAStep) {
  EXPECT_EQ(WithRandom(0).Next(), milliseconds(100));
  EXPECT_EQ(WithRandom(0.5).Next(), milliseconds(150));
  EXPECT_EQ(WithRandom(0.9999).Next(), milliseconds(199));
}

TEST(Backoff, StartsOverAfterAReset) {
  Backoff backoff = WithRandom(0);
  for (int i = 0; i < 5; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), milliseconds(100));
}

TEST(Backoff, DrawsFromTheWholeRangeByDefault) {
  for (int i = 0; i < 1000; ++i) {
    const auto delay = Backoff(kFirst, kLongest).Next();
    EXPECT_GE(delay, milliseconds(100));
    EXPECT_LE(delay, milliseconds(200));
  }
}

}  // namespace
}  // namespace tollgate
