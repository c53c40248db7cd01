#include "proxy/store/redis/credit_accounts.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/store/redis/question.h"

namespace tollgate::store {
namespace {

using std::chrono::seconds;

constexpr SteadyTime kStart{seconds(1000)};
constexpr WindowBounds kHourly{kNoon, kNoon + kHour, kNoon + 2 * kHour};

class CreditAccountsTest : public testing::Test {
 protected:
  const AccountPointer& Get(uint64_t consumer, const WindowBounds& window = kHourly) {
    return accounts_.Get({1, consumer}, 1, window, kStart);
  }
  // Until every part was looked at.
  void ForgetAll(SteadyTime now) {
    for (int i = 0; i < 10; ++i) accounts_.ForgetIdle(now);
  }

  CreditAccounts accounts_{42};
};

TEST_F(CreditAccountsTest, ThereIsOneForEachConsumerRecordAndWindow) {
  const AccountPointer account = Get(1);
  EXPECT_EQ(Get(1), account);
  EXPECT_NE(Get(2), account);
  EXPECT_NE(Get(1, {kNoon + kHour, kNoon + 2 * kHour, kNoon + 3 * kHour}), account);
  EXPECT_NE(accounts_.Get({1, 1}, 2, kHourly, kStart), account);
  EXPECT_NE(accounts_.Get({2, 1}, 1, kHourly, kStart), account);
  EXPECT_EQ(accounts_.size(), 5u);
}

TEST_F(CreditAccountsTest, WhatOwesIsListedOnce) {
  const AccountPointer owing = Get(1);
  owing->writer.AddUnasked(1);
  accounts_.NoteOwing(owing);
  accounts_.NoteOwing(owing);
  accounts_.NoteOwing(Get(2));
  EXPECT_EQ(accounts_.TakeOwing(), std::vector{owing});
  EXPECT_TRUE(accounts_.TakeOwing().empty());
  accounts_.NoteOwing(owing);
  EXPECT_EQ(accounts_.TakeOwing().size(), 1u);
}

TEST_F(CreditAccountsTest, IdleOnesAreForgottenHoweverManyThereAre) {
  for (uint64_t i = 0; i < 20'000; ++i) Get(i);
  ForgetAll(kStart + seconds(30));
  EXPECT_EQ(accounts_.size(), 20'000u);
  ForgetAll(kStart + seconds(31));
  EXPECT_EQ(accounts_.size(), 0u);
}

TEST_F(CreditAccountsTest, WhatOwesOrIsBusyOrWaitedForIsKept) {
  Get(1)->writer.AddUnasked(1);
  Get(2)->under_way = true;
  const RequestBuilder builder;
  Question question(builder);
  auto waiting = std::make_unique<WaitingRequest>(question.decide, kStart);
  WaitingRequest& waits = *waiting;
  Get(3)->queue.Push(std::move(waiting));
  Get(4);
  ForgetAll(kStart + seconds(60));
  EXPECT_EQ(accounts_.size(), 3u);
  waits.decide = nullptr;
  ForgetAll(kStart + seconds(60));
  EXPECT_EQ(accounts_.size(), 2u);
}

}  // namespace
}  // namespace tollgate::store
