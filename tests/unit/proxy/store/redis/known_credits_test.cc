#include "proxy/store/redis/known_credits.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

constexpr Key128 kAnn{1, 1};
constexpr Key128 kBob{1, 2};
constexpr WindowBounds kNow{kNoon, kNoon + kHour, kNoon + 2 * kHour};
constexpr WindowBounds kNext{kNoon + kHour, kNoon + 2 * kHour, kNoon + 3 * kHour};

TEST(KnownCredits, NothingHeardIsNothingUsed) { EXPECT_EQ(KnownCredits(42).UsedIn(kAnn, 1, kNow), 0u); }

TEST(KnownCredits, TheLastWordCounts) {
  KnownCredits known(42);
  known.Note(kAnn, 1, kNow, 10);
  known.Note(kAnn, 1, kNow, 30);
  known.Note(kAnn, 1, kNow, 20);  // a correction may take back
  EXPECT_EQ(known.UsedIn(kAnn, 1, kNow), 20u);
}

TEST(KnownCredits, ConsumersAndRecordsAreApart) {
  KnownCredits known(42);
  known.Note(kAnn, 1, kNow, 10);
  EXPECT_EQ(known.UsedIn(kBob, 1, kNow), 0u);
  EXPECT_EQ(known.UsedIn(kAnn, 2, kNow), 0u);
}

TEST(KnownCredits, TheNextWindowBeginsAnewAndTheOneBeforeIsForgotten) {
  KnownCredits known(42);
  known.Note(kAnn, 1, kNow, 10);
  EXPECT_EQ(known.UsedIn(kAnn, 1, kNext), 0u);
  known.Note(kAnn, 1, kNext, 3);
  EXPECT_EQ(known.UsedIn(kAnn, 1, kNext), 3u);
  known.Note(kAnn, 1, kNow, 11);  // an answer that came late
  EXPECT_EQ(known.UsedIn(kAnn, 1, kNext), 3u);
}

TEST(KnownCredits, SweepForgetsWindowsThatAreOver) {
  KnownCredits known(42);
  known.Note(kAnn, 1, kNow, 10);
  known.Note(kBob, 1, kNext, 10);
  known.Sweep(kNow.end - 1);
  EXPECT_EQ(known.UsedIn(kAnn, 1, kNow), 10u);
  known.Sweep(kNow.end);
  EXPECT_EQ(known.UsedIn(kAnn, 1, kNow), 0u);
  EXPECT_EQ(known.UsedIn(kBob, 1, kNext), 10u);
}

}  // namespace
}  // namespace tollgate::store
