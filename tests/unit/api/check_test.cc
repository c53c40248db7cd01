#include "api/base/check.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

int Third(int n) {
  TOLLGATE_CHECK(n % 3 == 0);
  return n / 3;
}

TEST(Check, WhatHoldsCostsNothing) { EXPECT_EQ(Third(9), 3); }

TEST(CheckDeathTest, WhatCannotHappenEndsTheProcessAndSaysWhere) {
  EXPECT_DEATH(Third(10), "n % 3 == 0.*Third");
}

}  // namespace
}  // namespace tollgate
