// A request that its rule wants to be sent again, at an upstream that fails.
#include <gmock/gmock.h>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using http::Framing;

constexpr char kBusy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";

class RepeatTest : public ForwarderFixture {
 protected:
  RepeatTest() {
    retry().set_reset(true);
    retry().add_statuses(503);
    retry().set_budget_percent(20);
    // No policy makes POST safe to repeat.
    for (const char* method : {"GET", "POST", "PUT"}) retry().add_methods(method);
  }
  void OnConnectionThatCloses(const std::string& answer = "") { OnConnection({{answer, "\r\n\r\n", true}}); }
};

TEST_F(RepeatTest, AConnectionThatEndsBeforeTheAnswer) {
  OnConnectionThatCloses();
  OnConnectionThatCloses("HTTP/1.1 200 OK\r\nConte");
  OnConnection({{kHello}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(x.downstream().body(), "hello");
  EXPECT_EQ(x->attempts, 3U);
}

TEST_F(RepeatTest, TheLastFailureIsTold) {
  for (int i = 0; i < 5; ++i) OnConnectionThatCloses();
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
  EXPECT_EQ(x->attempts, 3U);
}

TEST_F(RepeatTest, AnAnswerThatIsListedIsNotHandedOn) {
  OnConnection({{kBusy}, {kHello}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(x.downstream().status(), 200);
  EXPECT_EQ(x.downstream().body(), "hello");
  EXPECT_EQ(observer().status, 200);
  EXPECT_EQ(connections(), 1U) << "an answer that was read whole leaves its connection usable";
}

TEST_F(RepeatTest, TheLastAnswerIsHandedOnWhateverItIs) {
  OnConnection({{kBusy}, {kBusy}, {kBusy}, {kHello}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(x.downstream().status(), 503);
  EXPECT_EQ(x.downstream().body(), "busy");
  EXPECT_EQ(x->attempts, 3U);
}

TEST_F(RepeatTest, AConnectionThatStillOwesABodyIsNotUsedAgain) {
  OnConnection({{"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nsome"}, {kHello}});
  OnConnection({{kHello}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(x.downstream().body(), "hello");
  EXPECT_EQ(connections(), 2U);
}

TEST_F(RepeatTest, WhatIsUnsafeReachesTheUpstreamOnce) {
  OnConnectionThatCloses();
  OnConnection({{kHello}});
  kit::TestExchange x("POST", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
  EXPECT_EQ(connections(), 1U);
}

TEST_F(RepeatTest, ABodyIsSentOnce) {
  OnConnection({{"", "some", true}});
  OnConnection({{kHello, "some"}});
  kit::TestExchange x("PUT", "/");
  x.downstream().SetBody({Framing::Kind::kLength, 4}, {"some"});
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
  EXPECT_EQ(connections(), 1U);
}

TEST_F(RepeatTest, NothingIsRepeatedOnceTheAnswersHeadWasSentOn) {
  OnConnectionThatCloses("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
  OnConnection({{kHello}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_TRUE(x.downstream().aborted());
  EXPECT_EQ(connections(), 1U);
}

TEST_F(RepeatTest, ASilentTryIsGivenUpForAnother) {
  retry().set_per_try_ms(30);
  OnConnection({{""}});
  OnConnection({{kHello}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(x.downstream().body(), "hello");
  EXPECT_EQ(x->attempts, 2U);
}

TEST_F(RepeatTest, TheLastTryMayTakeAsLongAsTheRuleAllows) {
  retry().set_attempts(1);
  retry().set_per_try_ms(30);
  timeouts().set_first_byte_ms(200);
  OnConnection({{""}});
  OnConnection({{""}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-timeout/first-byte-timeout");
  EXPECT_GE(x->upstream_time, std::chrono::milliseconds(230));
}

TEST_F(RepeatTest, TheWholeTimeEndsTheTries) {
  retry().set_attempts(10);
  retry().set_per_try_ms(30);
  timeouts().set_total_ms(50);
  for (int i = 0; i < 10; ++i) OnConnection({{""}});
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-timeout/total-timeout");
  EXPECT_LE(connections(), 3U);
}

TEST_F(RepeatTest, OneWhoIsGoneGetsNoSecondTry) {
  OnConnectionThatCloses();
  kit::TestExchange x("GET", "/");
  x.downstream().GoAway();
  Forward(x);
  EXPECT_EQ(x->attempts, 1U);
}

}  // namespace
}  // namespace tollgate::forward
