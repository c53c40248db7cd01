#include "proxy/snapshot/live.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace tollgate::snapshot {
namespace {

TEST(Live, NothingIsServedBeforeTheFirstSwap) {
  Live<int> live;
  Live<int>::Reader reader(live);
  EXPECT_EQ(reader.Pin(), nullptr);
  EXPECT_EQ(live.Get(), nullptr);
}

TEST(Live, ReaderSeesTheLatest) {
  Live<int> live;
  Live<int>::Reader reader(live);
  live.Swap(std::make_shared<int>(1));
  EXPECT_EQ(*reader.Pin(), 1);
  live.Swap(std::make_shared<int>(2));
  live.Swap(std::make_shared<int>(3));
  EXPECT_EQ(*reader.Pin(), 3);
  EXPECT_EQ(*live.Get(), 3);
}

TEST(Live, WhatIsPinnedStays) {
  Live<int> live;
  Live<int>::Reader reader(live);
  live.Swap(std::make_shared<int>(1));
  const std::shared_ptr<const int> pinned = reader.Pin();
  live.Swap(std::make_shared<int>(2));
  (void)reader.Pin();
  live.Reap();
  EXPECT_EQ(*pinned, 1);
}

TEST(Live, WhatNobodyPinsIsFreedByTheSwappingSide) {
  Live<int> live;
  auto first = std::make_shared<const int>(1);
  const std::weak_ptr<const int> watched = first;
  live.Swap(std::move(first));
  std::shared_ptr<const int> pinned = live.Get();
  live.Swap(std::make_shared<int>(2));
  pinned.reset();
  EXPECT_FALSE(watched.expired()) << "a serving thread frees nothing";
  live.Reap();
  EXPECT_TRUE(watched.expired());
}

TEST(Live, ReadersOnOtherThreadsSeeWholeValues) {
  Live<std::pair<int, int>> live;
  std::thread reading([&live] {
    Live<std::pair<int, int>>::Reader reader(live);
    int last = 0;
    while (last < 1000) {
      const std::shared_ptr<const std::pair<int, int>> pinned = reader.Pin();
      if (pinned == nullptr) continue;
      EXPECT_EQ(pinned->first, pinned->second);
      EXPECT_GE(pinned->first, last);
      last = pinned->first;
    }
  });
  for (int i = 1; i <= 1000; ++i) live.Swap(std::make_shared<std::pair<int, int>>(i, i));
  reading.join();
}

}  // namespace
}  // namespace tollgate::snapshot
