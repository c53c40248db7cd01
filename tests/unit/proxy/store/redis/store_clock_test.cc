#include "proxy/store/redis/store_clock.h"

#include <gtest/gtest.h>

namespace tollgate::store {
namespace {

using std::chrono::milliseconds;

constexpr WallMicros kNoon = 1'795'003'200'000'000;
constexpr SteadyTime kStart{std::chrono::seconds(1000)};

class StoreClockTest : public testing::Test {
 protected:
  // An answer that tells this time, of what was sent and read then, in milliseconds from the start.
  void Learn(int64_t told, int sent, int read) {
    clock_.Learn(kNoon + told * 1000, kStart + milliseconds(sent), kStart + milliseconds(read));
  }
  // Milliseconds past noon.
  int64_t At(int now) const { return (clock_.At(kStart + milliseconds(now)) - kNoon) / 1000; }

  StoreClock clock_;
};

TEST_F(StoreClockTest, IsUnknownUntilItIsTold) {
  EXPECT_FALSE(clock_.known());
  Learn(0, 0, 1);
  EXPECT_TRUE(clock_.known());
}

TEST_F(StoreClockTest, GoesOnByItself) {
  Learn(500, 0, 1);
  EXPECT_EQ(At(1), 500);
  EXPECT_EQ(At(101), 600);
}

TEST_F(StoreClockTest, AnAnswerThatIsReadLateDoesNotSetItBack) {
  Learn(500, 0, 0);
  Learn(511, 10, 160);  // told after a millisecond, read by a busy process much later
  EXPECT_EQ(At(160), 660);
}

TEST_F(StoreClockTest, AnAnswerSaysHowLateItIsAtLeast) {
  Learn(500, 0, 50);  // told at the start, maybe
  Learn(600, 60, 61);
  EXPECT_EQ(At(61), 600);
}

TEST_F(StoreClockTest, AStoreWhoseClockLeapsIsFollowed) {
  Learn(500, 0, 0);
  Learn(3'600'000, 10, 12);
  EXPECT_EQ(At(12), 3'600'000);
  Learn(700, 20, 22);
  EXPECT_EQ(At(22), 702);
}

}  // namespace
}  // namespace tollgate::store
