// Which core serves a connection: the one that accepted it, unless it holds far more than the others.
#include "proxy/net/connection_spread.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "proxy/net/drain.h"
#include "tests/kit/eventually.h"
#include "tests/kit/raw_client.h"

namespace tollgate::net {
namespace {

using ::testing::StartsWith;

// Has `core` accept so many, which stay.
void Accept(ConnectionSpread& spread, size_t core, size_t count) {
  for (size_t i = 0; i < count; ++i) spread.Place(core);
}

TEST(ConnectionSpread, ACoreKeepsWhatItAcceptsWhileItHasFew) {
  ConnectionSpread spread(2);
  Accept(spread, 0, ConnectionSpread::kFewest);
  EXPECT_EQ(spread.open(0), ConnectionSpread::kFewest);
  EXPECT_EQ(spread.moved(), 0U);
}

TEST(ConnectionSpread, TheOneWithTheFewestTakesWhatIsBeyond) {
  ConnectionSpread spread(3);
  Accept(spread, 0, ConnectionSpread::kFewest);
  Accept(spread, 1, 5);
  EXPECT_EQ(spread.Place(0), 2U);
  EXPECT_EQ(spread.open(2), 1U);
  EXPECT_EQ(spread.moved(), 1U);
}

TEST(ConnectionSpread, FromOneAndAQuarterOfTheMeanOn) {
  ConnectionSpread spread(2);
  Accept(spread, 0, 16);
  Accept(spread, 1, 16);
  Accept(spread, 0, 10);           // 26 and 16: the mean is 21
  EXPECT_EQ(spread.Place(0), 0U);  // 26 is below 26.25
  EXPECT_EQ(spread.Place(0), 1U);  // 27 is above 26.875
  EXPECT_EQ(spread.open(0), 27U);
}

TEST(ConnectionSpread, WhatHasEndedCountsNoMore) {
  ConnectionSpread spread(2);
  Accept(spread, 0, 16);
  for (int i = 0; i < 8; ++i) spread.Remove(0);
  EXPECT_EQ(spread.Place(0), 0U);
}

TEST(ConnectionSpread, OneCoreHasNobodyToPassAnythingTo) {
  ConnectionSpread spread(1);
  Accept(spread, 0, 1000);
  EXPECT_EQ(spread.open(0), 1000U);
}

class SpreadOverCores : public ::testing::Test {
 protected:
  static constexpr char kLastRequest[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  SpreadOverCores() { gateway_->Start(); }
  bool Open(size_t count) {
    return kit::Eventually([this, count] { return gateway_->OpenConnections() == count; });
  }
  void ConnectOne() {
    callers_.push_back(std::make_unique<kit::RawClient>(gateway_->http_address().port()));
    ASSERT_TRUE(Open(callers_.size()));
  }
  // Until the first core has so many; the others end with none.
  void FillFirstCore(size_t count) {
    while (gateway_->ConnectionsByCore()[0] < count) {
      const size_t before = gateway_->ConnectionsByCore()[0];
      ConnectOne();
      if (gateway_->ConnectionsByCore()[0] == before) callers_.pop_back();
      ASSERT_TRUE(Open(callers_.size()));
    }
  }

  SystemWallClock clock_;
  std::unique_ptr<Gateway> gateway_ = *Gateway::Open(
      {.http_address = *io::Address::Parse("127.0.0.1:0"), .threads = 4, .access_log = "off"}, clock_);
  std::vector<std::unique_ptr<kit::RawClient>> callers_;
};

// The kernel would give the first core a quarter of these, too: 28 of 64.
TEST_F(SpreadOverCores, ACoreThatHoldsFarMoreThanOthersPassesNewOnesOn) {
  FillFirstCore(ConnectionSpread::kFewest);
  for (int i = 0; i < 48; ++i) ConnectOne();
  for (const size_t open : gateway_->ConnectionsByCore()) EXPECT_LE(open, 21U) << "1.25 times 16, and one";
  for (const auto& caller : callers_) caller->Send(kLastRequest);
  for (const auto& caller : callers_) EXPECT_THAT(caller->ReadToEnd(), StartsWith("HTTP/1.1 503"));
  EXPECT_TRUE(Open(0));
}

TEST_F(SpreadOverCores, ADrainMissesNobodyWhoWasPassedOn) {
  FillFirstCore(ConnectionSpread::kFewest);
  for (int i = 0; i < 100; ++i) {
    callers_.push_back(std::make_unique<kit::RawClient>(gateway_->http_address().port()));
    callers_.back()->Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (size_t i = 0; i < ConnectionSpread::kFewest; ++i) callers_[i]->Send(kLastRequest);
  const auto never = [](std::chrono::milliseconds) { return false; };
  EXPECT_EQ(Drain(*gateway_, {std::chrono::milliseconds(0), std::chrono::hours(1), false, never}), 0U);
  for (const auto& caller : callers_) EXPECT_THAT(caller->ReadToEnd(), StartsWith("HTTP/1.1 503"));
}

}  // namespace
}  // namespace tollgate::net
