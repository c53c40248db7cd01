#include "controller/kube/watch_pauses.h"

#include <gtest/gtest.h>

namespace tollgate::kube {
namespace {

using std::chrono::milliseconds;

double Longest() { return 1; }

TEST(WatchPauses, GrowToTheLongest) {
  WatchPauses pauses(milliseconds(200), milliseconds(1'000), Longest);
  for (const int expected : {200, 400, 800, 1'000, 1'000}) {
    EXPECT_EQ(pauses.After(Trouble::kRefused), milliseconds(expected));
  }
}

// A kube-apiserver that starts: after its absence it answers 503 and 429, and then that the watch is too old.
TEST(WatchPauses, AnApiServerThatIsBackIsNotWaitedForAsOneThatIsAway) {
  WatchPauses pauses(milliseconds(200), milliseconds(10'000), Longest);
  for (int i = 0; i < 10; ++i) pauses.After(Trouble::kNoAnswer);
  EXPECT_EQ(pauses.After(Trouble::kRefused), milliseconds(200));
  EXPECT_EQ(pauses.After(Trouble::kRefused), milliseconds(400));
  EXPECT_EQ(pauses.After(Trouble::kLostPlace), milliseconds(200));
}

// Troubles that take turns may not make a busy loop.
TEST(WatchPauses, EachKindGoesOnGrowingWhenTheyTakeTurns) {
  WatchPauses pauses(milliseconds(200), milliseconds(10'000), Longest);
  for (const int expected : {200, 400, 800}) {
    EXPECT_EQ(pauses.After(Trouble::kNoAnswer), milliseconds(expected));
    EXPECT_EQ(pauses.After(Trouble::kLostPlace), milliseconds(expected));
  }
}

TEST(WatchPauses, BeginAnewOnceTheWatchWorks) {
  WatchPauses pauses(milliseconds(200), milliseconds(10'000), Longest);
  for (const auto trouble : {Trouble::kNoAnswer, Trouble::kRefused, Trouble::kLostPlace}) {
    pauses.After(trouble);
    pauses.After(trouble);
  }
  pauses.Reset();
  for (const auto trouble : {Trouble::kNoAnswer, Trouble::kRefused, Trouble::kLostPlace}) {
    EXPECT_EQ(pauses.After(trouble), milliseconds(200));
  }
}

}  // namespace
}  // namespace tollgate::kube
