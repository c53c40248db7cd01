// How many connections an endpoint gets, and who waits for one.
#include <gmock/gmock.h>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class ConnectionLimitsTest : public ForwarderFixture {
 protected:
  void Limit(uint32_t connections, uint32_t pending) {
    limits().set_connections(connections);
    limits().set_pending(pending);
    timeouts().set_connect_ms(20'000);
  }
  io::Task<void> GoAwayOnceWatched(kit::TestExchange& x) {
    while (!x.downstream().watched() && !loop_.stopping()) {
      io::Loop::Sleeper pause = loop_.Sleep(std::chrono::milliseconds(1));
      co_await pause;
    }
    x.downstream().GoAway();
  }
  std::deque<kit::TestExchange> requests_ = Requests(4);

 private:
  static std::deque<kit::TestExchange> Requests(size_t n) {
    std::deque<kit::TestExchange> requests;
    for (size_t i = 0; i < n; ++i) requests.emplace_back("GET", "/");
    return requests;
  }
};

TEST_F(ConnectionLimitsTest, WhoWaitsGetsTheConnectionOfWhoHasFinished) {
  Limit(1, 10);
  OnConnection({{kHello}, {kHello}, {kHello}, {kHello}});
  ForwardTogether({&requests_[0], &requests_[1], &requests_[2]}, requests_[3]);
  EXPECT_THAT(outcomes(), ElementsAre("sent", "sent", "sent", "sent"));
  EXPECT_EQ(connections(), 1U);
}

TEST_F(ConnectionLimitsTest, WhoWaitsMakesOneWhereTheLastOneCannotBeUsedAgain) {
  Limit(1, 10);
  constexpr char kLast[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
  for (int i = 0; i < 4; ++i) OnConnection({{kLast}});
  ForwardTogether({&requests_[0], &requests_[1], &requests_[2]}, requests_[3]);
  EXPECT_THAT(outcomes(), ElementsAre("sent", "sent", "sent", "sent"));
  EXPECT_EQ(connections(), 4U);
}

TEST_F(ConnectionLimitsTest, AsManyAsMayBeAreMade) {
  Limit(2, 10);
  for (int i = 0; i < 2; ++i) OnConnection({{kHello}, {kHello}, {kHello}});
  ForwardTogether({&requests_[0], &requests_[1], &requests_[2]}, requests_[3]);
  EXPECT_THAT(outcomes(), Each("sent"));
  EXPECT_EQ(connections(), 2U);
}

TEST_F(ConnectionLimitsTest, WithoutALimitEveryRequestHasItsOwn) {
  for (int i = 0; i < 3; ++i) OnConnection({{kHello}, {kHello}});
  ForwardTogether({&requests_[0], &requests_[1], &requests_[2]}, requests_[3]);
  EXPECT_EQ(connections(), 3U);
}

TEST_F(ConnectionLimitsTest, BeyondThoseWhoMayWaitRequestsAreRefused) {
  Limit(1, 1);
  OnConnection({{kHello}, {kHello}, {kHello}});
  ForwardTogether({&requests_[0], &requests_[1], &requests_[2]}, requests_[3]);
  EXPECT_THAT(outcomes(), ElementsAre("overloaded/pending-limit", "sent", "sent", "sent"));
}

TEST_F(ConnectionLimitsTest, NobodyWaitsForLong) {
  Limit(1, 10);
  timeouts().set_connect_ms(30);
  timeouts().set_first_byte_ms(200);
  retry().set_attempts(0);
  OnConnection({{""}});
  OnConnection({{kHello}});
  ForwardTogether({&requests_[0], &requests_[1]}, requests_[2]);
  EXPECT_THAT(outcomes(),
              ElementsAre("overloaded/connection-limit", "upstream-timeout/first-byte-timeout", "sent"));
}

TEST_F(ConnectionLimitsTest, WhoseCallerHasLeftWaitsNoMore) {
  Limit(1, 1);
  timeouts().set_first_byte_ms(200);
  retry().set_attempts(0);
  OnConnection({{""}});
  OnConnection({{kHello}});
  Start(GoAwayOnceWatched(requests_[1]));
  ForwardTogether({&requests_[0], &requests_[1]}, requests_[2]);
  EXPECT_THAT(outcomes(),
              ElementsAre("overloaded/connection-limit", "upstream-timeout/first-byte-timeout", "sent"));
}

TEST_F(ConnectionLimitsTest, AConnectionThatCannotBeMadeCountsNoMore) {
  Limit(1, 0);
  builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(1);
  Forward({&requests_[0], &requests_[1], &requests_[2]});
  EXPECT_THAT(outcomes(), Each("upstream-connect/connect-refused"));
}

TEST_F(ConnectionLimitsTest, AnotherEndpointIsAskedWhereOneIsFull) {
  Limit(1, 0);
  AddEndpoint(1);  // nobody listens there
  OnConnection({{kHello}, {kHello}, {kHello}, {kHello}});
  Forward({&requests_[0], &requests_[1], &requests_[2], &requests_[3]});
  EXPECT_THAT(outcomes(), Each("sent"));
}

class PermitsTest : public ::testing::Test {
 protected:
  UpstreamConnection Permitted() {
    EXPECT_TRUE(permits_->Take(1));
    UpstreamConnection connection;
    connection.permit = Permit(permits_);
    return connection;
  }
  std::shared_ptr<ConnectionPermits> permits_ = std::make_shared<ConnectionPermits>();
};

TEST_F(PermitsTest, APermitLivesAsLongAsItsConnection) {
  {
    UpstreamConnection one = Permitted();
    EXPECT_FALSE(permits_->Take(1));
    UpstreamConnection moved = std::move(one);
    EXPECT_EQ(permits_->open(), 1U);
  }
  EXPECT_EQ(permits_->open(), 0U);
}

TEST_F(PermitsTest, AConnectionOfOtherTermsIsNotHandedOver) {
  io::Loop loop;
  const TlsTerms terms = *io::MakeTlsClientTerms({{}, "a.example", {}});
  UpstreamConnection connection = Permitted();
  ConnectionPermits::Waiter waiter(*permits_, loop, {1, 10}, SteadyTime::max(), terms.get());
  ASSERT_TRUE(waiter.Begin());
  EXPECT_FALSE(permits_->HandOver(loop, connection));
  connection.tls = terms;
  EXPECT_TRUE(permits_->HandOver(loop, connection));
}

}  // namespace
}  // namespace tollgate::forward
