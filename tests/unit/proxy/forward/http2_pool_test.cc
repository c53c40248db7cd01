// Which connection of HTTP/2 a request gets, and when one ends.
#include "proxy/forward/http2_pool.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/kit/http2_upstream.h"
#include "tests/kit/loop_fixture.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::forward {
namespace {

using std::chrono::seconds;

class Http2PoolTest : public kit::LoopFixture {
 protected:
  Http2PoolTest() { timeouts_.set_connect_ms(30'000); }

  io::Task<Http2Pool::Lease> Take(uint32_t connections = 0, uint32_t pending = 0) {
    limits_.emplace(AttemptLimits{timeouts_, seconds(5), SteadyTime::max(), {connections, pending}, nullptr});
    try_.emplace(Try{*x_, endpoint_, *limits_, {}});
    return pool_.Take(*try_);
  }

  kit::Http2Upstream upstream_{
      [](size_t, const kit::Frame&) { return std::string(); },
      // Two streams at once.
      kit::ToBytes({kit::FrameType::kSettings, 0, 0, std::string("\0\x03", 2) + kit::Uint32(2)})};
  const io::Address address_ =
      *io::Address::FromLiteral("127.0.0.1", static_cast<uint16_t>(upstream_.port()));
  Endpoint endpoint_{address_, address_.ToString()};
  api::Timeouts timeouts_;
  kit::TestExchange x_{"GET", "/"};
  std::optional<AttemptLimits> limits_;
  std::optional<Try> try_;
  PoolRoster roster_;
  Http2Pool pool_{loop_, roster_};
};

TEST_F(Http2PoolTest, AConnectionIsSharedUntilItIsFull) {
  const auto run = [this]() -> io::Task<void> {
    const Http2Pool::Lease a = co_await Take();
    const Http2Pool::Lease b = co_await Take();
    const Http2Pool::Lease c = co_await Take();
    EXPECT_FALSE(a.reused);
    EXPECT_TRUE(b.reused);
    EXPECT_EQ(a.connection, b.connection);
    EXPECT_NE(a.connection, c.connection);
    b.connection->Unreserve();
    const Http2Pool::Lease d = co_await Take();
    EXPECT_EQ(d.connection, a.connection);
  };
  Run(run());
  EXPECT_EQ(upstream_.accepted(), 2U);
}

TEST_F(Http2PoolTest, WithoutAPermitARequestWaitsOrIsTurnedAway) {
  const auto run = [this]() -> io::Task<void> {
    const Http2Pool::Lease a = co_await Take(1);
    const Http2Pool::Lease b = co_await Take(1);
    const Http2Pool::Lease full = co_await Take(1, 0);
    EXPECT_TRUE(full.failure && full.failure->ending == Ending::kNoRoom);
    timeouts_.set_connect_ms(20);
    const Http2Pool::Lease late = co_await Take(1, 1);
    EXPECT_TRUE(late.failure && late.failure->error.reason == "connection-limit");
  };
  Run(run());
  EXPECT_EQ(upstream_.accepted(), 1U);
}

TEST_F(Http2PoolTest, AnIdleConnectionEnds) {
  const auto run = [this]() -> io::Task<void> {
    const Http2Pool::Lease a = co_await Take();
    // It is in use.
    pool_.Sweep(SteadyNow() + Http2Pool::kMaxIdleTime + seconds(1));
    EXPECT_TRUE(a.connection->has_room());
    a.connection->Unreserve();
    pool_.Sweep(SteadyNow() + Http2Pool::kMaxIdleTime - seconds(10));
    EXPECT_TRUE(a.connection->has_room());
    pool_.Sweep(SteadyNow() + Http2Pool::kMaxIdleTime + seconds(1));
    EXPECT_FALSE(a.connection->has_room());
    const Http2Pool::Lease b = co_await Take();
    EXPECT_NE(a.connection, b.connection);
  };
  Run(run());
}

TEST_F(Http2PoolTest, AnOldConnectionTakesNothingMore) {
  const auto run = [this]() -> io::Task<void> {
    const Http2Pool::Lease a = co_await Take();
    pool_.Sweep(SteadyNow() + Http2Pool::kMaxAge + seconds(1));
    EXPECT_FALSE(a.connection->has_room());
    a.connection->Unreserve();
  };
  Run(run());
}

}  // namespace
}  // namespace tollgate::forward
