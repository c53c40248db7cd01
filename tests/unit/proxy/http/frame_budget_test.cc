#include "proxy/http/frame_budget.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

using std::chrono::seconds;

class FrameBudgetTest : public testing::Test {
 protected:
  SteadyTime now_ = SteadyNow();
  FrameBudget budget_{now_};
};

TEST_F(FrameBudgetTest, EndsWithTheLastFrame) {
  for (int i = 0; i < FrameBudget::kMost; ++i) ASSERT_TRUE(budget_.Spend(1, now_));
  EXPECT_FALSE(budget_.Spend(1, now_));
}

TEST_F(FrameBudgetTest, ComesBackWithTime) {
  ASSERT_TRUE(budget_.Spend(FrameBudget::kMost, now_));
  now_ += seconds(2);
  EXPECT_TRUE(budget_.Spend(2 * FrameBudget::kPerSecond, now_));
  EXPECT_FALSE(budget_.Spend(1, now_));
}

TEST_F(FrameBudgetTest, ComesBackInPartsOfASecond) {
  ASSERT_TRUE(budget_.Spend(FrameBudget::kMost, now_));
  for (int i = 0; i < FrameBudget::kPerSecond; ++i) {
    now_ += std::chrono::milliseconds(1'000 / FrameBudget::kPerSecond);
    ASSERT_TRUE(budget_.Spend(1, now_)) << i;
  }
}

TEST_F(FrameBudgetTest, NeverHoldsMoreThanTheMost) {
  budget_.Earn(1'000'000);
  now_ += seconds(3'600 * 24 * 365);
  EXPECT_TRUE(budget_.Spend(FrameBudget::kMost, now_));
  EXPECT_FALSE(budget_.Spend(1, now_));
}

TEST_F(FrameBudgetTest, WhatIsEarnedIsThereToSpend) {
  ASSERT_TRUE(budget_.Spend(FrameBudget::kMost, now_));
  budget_.Earn(5);
  EXPECT_TRUE(budget_.Spend(5, now_));
}

}  // namespace
}  // namespace tollgate::http
