#include "proxy/forward/connection_pool.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/kit/memory_stream.h"

namespace tollgate::forward {
namespace {

class ConnectionPoolTest : public ::testing::Test {
 protected:
  // Puts an idle connection into the pool; the pointer names it.
  kit::MemoryStream* Give(const Endpoint& endpoint, TlsTerms tls = nullptr) {
    auto stream = std::make_unique<kit::MemoryStream>();
    kit::MemoryStream* const raw = stream.get();
    UpstreamConnection connection;
    connection.tls = std::move(tls);
    connection.stream = std::move(stream);
    pool_.Give(endpoint, std::move(connection), most_);
    return raw;
  }
  // How many connections the pool holds for an endpoint; takes them out.
  size_t Drain(const Endpoint& endpoint) {
    size_t count = 0;
    while (pool_.Take(endpoint).stream != nullptr) ++count;
    return count;
  }

  io::Loop loop_;
  PoolRoster roster_;
  ConnectionPool pool_{loop_, roster_};
  uint32_t most_ = 0;
  const Endpoint endpoint_{*io::Address::FromLiteral("10.0.0.1", 80), "10.0.0.1:80"};
  const Endpoint other_{*io::Address::FromLiteral("10.0.0.2", 80), "10.0.0.2:80"};
};

TEST_F(ConnectionPoolTest, EmptyPoolHasNothing) { EXPECT_EQ(pool_.Take(endpoint_).stream, nullptr); }

TEST_F(ConnectionPoolTest, LastGivenIsTakenFirst) {
  kit::MemoryStream* const first = Give(endpoint_);
  kit::MemoryStream* const second = Give(endpoint_);
  EXPECT_EQ(pool_.Take(endpoint_).stream.get(), second);
  EXPECT_EQ(pool_.Take(endpoint_).stream.get(), first);
  EXPECT_EQ(pool_.Take(endpoint_).stream, nullptr);
}

TEST_F(ConnectionPoolTest, EndpointsDoNotShare) {
  Give(other_);
  EXPECT_EQ(pool_.Take(endpoint_).stream, nullptr);
  EXPECT_EQ(Drain(other_), 1U);
}

TEST_F(ConnectionPoolTest, AConnectionIsUsedUnderItsOwnTermsAlone) {
  const TlsTerms ours = *io::MakeTlsClientTerms({{}, "a.example", {}});
  const TlsTerms theirs = *io::MakeTlsClientTerms({{}, "a.example", {}});
  kit::MemoryStream* const clear = Give(endpoint_);
  kit::MemoryStream* const secure = Give(endpoint_, ours);
  EXPECT_EQ(pool_.Take(endpoint_, theirs.get()).stream, nullptr);
  EXPECT_EQ(pool_.Take(endpoint_).stream.get(), clear);
  EXPECT_EQ(pool_.Take(endpoint_).stream, nullptr);
  EXPECT_EQ(pool_.Take(endpoint_, ours.get()).stream.get(), secure);
}

TEST_F(ConnectionPoolTest, RecordOfTheSameAddressFindsTheConnection) {
  Give(endpoint_);
  const Endpoint again(endpoint_.address, endpoint_.name);
  EXPECT_EQ(Drain(again), 1U);
}

TEST_F(ConnectionPoolTest, AConnectionThatIsNotQuietIsNeverUsed) {
  kit::MemoryStream* const quiet = Give(endpoint_);
  Give(endpoint_)->SetQuiet(false);
  Give(endpoint_)->Feed("unasked");
  EXPECT_EQ(pool_.Take(endpoint_).stream.get(), quiet);
  EXPECT_EQ(pool_.Take(endpoint_).stream, nullptr);
}

TEST_F(ConnectionPoolTest, SurplusIsClosed) {
  for (size_t i = 0; i < ConnectionPool::kMaxIdle + 5; ++i) Give(endpoint_);
  EXPECT_EQ(Drain(endpoint_), ConnectionPool::kMaxIdle);
}

TEST_F(ConnectionPoolTest, ACoreKeepsItsPartOfALimit) {
  io::Loop other_loop;
  ConnectionPool other_core(other_loop, roster_);
  most_ = 9;
  for (size_t i = 0; i < 9; ++i) Give(endpoint_);
  EXPECT_EQ(Drain(endpoint_), 5U);
}

TEST_F(ConnectionPoolTest, SweepClosesWhatWasIdleForTooLong) {
  Give(endpoint_);
  Give(other_);
  pool_.Sweep(SteadyNow() + ConnectionPool::kMaxIdleTime - std::chrono::seconds(5));
  EXPECT_EQ(Drain(endpoint_), 1U);
  pool_.Sweep(SteadyNow() + ConnectionPool::kMaxIdleTime + std::chrono::seconds(5));
  EXPECT_EQ(Drain(other_), 0U);
}

TEST_F(ConnectionPoolTest, SweepClosesWhatThePeerClosed) {
  Give(endpoint_)->SetQuiet(false);
  Give(endpoint_);
  pool_.Sweep(SteadyNow());
  EXPECT_EQ(Drain(endpoint_), 1U);
}

}  // namespace
}  // namespace tollgate::forward
