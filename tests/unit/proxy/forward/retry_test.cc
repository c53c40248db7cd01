// Which connection a request takes, and when it is sent a second time.
#include <gmock/gmock.h>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using http::Framing;

class RetryTest : public ForwarderFixture {};

TEST_F(RetryTest, ConnectionIsUsedAgain) {
  OnConnection({{kHello}, {kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("GET", "/2");
  Forward({&first, &second});
  EXPECT_EQ(connections(), 1U);
  EXPECT_EQ(second.downstream().body(), "hello");
}

class NotReusableTest : public ForwarderFixture, public ::testing::WithParamInterface<const char*> {};

TEST_P(NotReusableTest, ConnectionIsNotUsedAgain) {
  OnConnection({{GetParam()}, {kHello}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("GET", "/2");
  Forward({&first, &second});
  EXPECT_TRUE(first.downstream().complete());
  EXPECT_EQ(second.downstream().body(), "hello");
  EXPECT_EQ(connections(), 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, NotReusableTest,
    ::testing::Values("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nsurplus",
                      "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nsur"));

TEST_F(RetryTest, RequestIsRepeatedWhenAnIdleConnectionHasGone) {
  OnConnection({{kHello, "\r\n\r\n", true}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("GET", "/2");
  Forward({&first, &second});
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(connections(), 2U);
  EXPECT_EQ(second.downstream().body(), "hello");
}

TEST_F(RetryTest, RequestIsAnsweredHoweverManyIdleConnectionsHaveGone) {
  for (int i = 0; i < 3; ++i) OnConnection({{kHello, "\r\n\r\n", true}});
  OnConnection({{kHello}});
  std::deque<kit::TestExchange> requests;
  for (int i = 0; i < 4; ++i) requests.emplace_back("GET", "/");
  ForwardTogether({&requests[0], &requests[1], &requests[2]}, requests[3]);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(requests[3].downstream().body(), "hello");
  // One of them may close just after it was looked at.
  EXPECT_LE(requests[3]->attempts, 2U);
}

TEST_F(RetryTest, ARequestThatIsRepeatedTakesANewConnection) {
  for (int i = 0; i < 2; ++i) OnConnection({{kHello}, {"", "\r\n\r\n", true}});
  OnConnection({{kHello}});
  std::deque<kit::TestExchange> requests;
  for (int i = 0; i < 3; ++i) requests.emplace_back("GET", "/");
  ForwardTogether({&requests[0], &requests[1]}, requests[2]);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(connections(), 3U);
}

TEST_F(RetryTest, RequestThatMayNotBeRepeatedTakesALivingConnection) {
  OnConnection({{kHello, "\r\n\r\n", true}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("POST", "/2");
  Forward({&first, &second});
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(second->attempts, 1U);
}

TEST_F(RetryTest, EndpointThatRefusesIsPassedOver) {
  for (int i = 0; i < 2; ++i) AddEndpoint(1);  // nobody listens on port 1
  OnConnection({{kHello}, {kHello}, {kHello}, {kHello}});
  std::deque<kit::TestExchange> requests;
  for (int i = 0; i < 4; ++i) requests.emplace_back("POST", "/");
  Forward({&requests[0], &requests[1], &requests[2], &requests[3]});
  for (kit::TestExchange& request : requests) EXPECT_EQ(request.downstream().body(), "hello");
}

TEST_F(RetryTest, RequestWithABodyIsNotRepeated) {
  OnConnection({{kHello}, {"", "some", true}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/");
  kit::TestExchange put("PUT", "/");
  put.downstream().SetBody({Framing::Kind::kLength, 4}, {"some"});
  Forward({&first, &put});
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
  EXPECT_EQ(connections(), 1U);
}

TEST_F(RetryTest, RetriesEndAfterThreeAttempts) {
  for (int i = 0; i < 5; ++i) AddEndpoint(static_cast<uint16_t>(2 + i));
  builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(1);
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-connect/connect-refused");
  EXPECT_EQ(x->attempts, 3U);
}

}  // namespace
}  // namespace tollgate::forward
