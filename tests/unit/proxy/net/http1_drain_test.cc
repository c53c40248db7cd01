// What a connection does while its gateway ends.
#include <gmock/gmock.h>

#include "tests/unit/proxy/net/session_fixture.h"

namespace tollgate::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Http1Drain : public SessionFixture {
 protected:
  void ServeOne() {
    stream_->Feed(kRequest);
    EXPECT_THAT(Sent(), StartsWith("HTTP/1.1 503"));
  }
  void Finish() {
    sessions_.SetPhase(DrainPhase::kFinishing);
    sessions_.ForEach([](Session& session) { session.CloseIfIdle(); });
  }
};

// Before the first configuration nothing ends yet.
TEST_F(Http1Drain, AGatewayWithoutConfigurationSaysThatAndNotThatItEnds) {
  Open();
  stream_->Feed(kRequest);
  const std::string answer = Sent();
  EXPECT_THAT(answer, HasSubstr("https://tollgate.dev/problems/not-configured\""));
  EXPECT_THAT(answer, HasSubstr("\r\nRetry-After: 1\r\n"));
}

TEST_F(Http1Drain, AnAnswerWithinTheGraceIsItsConnectionsLast) {
  Open();
  stream_->Feed(kRequest);
  EXPECT_THAT(Sent(), Not(HasSubstr("Connection: close")));
  sessions_.SetPhase(DrainPhase::kGrace);
  stream_->Feed(kRequest);
  EXPECT_THAT(Sent(), HasSubstr("Connection: close"));
  EXPECT_TRUE(stream_->write_shut());
}

TEST_F(Http1Drain, TheGraceLeavesIdleConnectionsAlone) {
  Open();
  ServeOne();
  sessions_.SetPhase(DrainPhase::kGrace);
  stream_->TimeOutWith("");  // its memory goes back, and it stays
  EXPECT_GT(ReadsFor(), seconds(60));
  EXPECT_FALSE(ended_);
}

TEST_F(Http1Drain, AnIdleConnectionThatWasServedEndsAtOnce) {
  Open();
  ServeOne();
  Finish();
  EXPECT_LE(ReadsFor(), milliseconds(0));
  stream_->TimeOutWith("");
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(stream_->closed());
}

TEST_F(Http1Drain, ARequestThatComesAsItsConnectionIsToEndIsServed) {
  Open();
  ServeOne();
  Finish();
  stream_->TimeOutWith(kRequest);
  const std::string answer = Sent();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
}

TEST_F(Http1Drain, WhoHasJustConnectedIsGivenTimeForAFirstRequest) {
  Open();
  Finish();
  EXPECT_GT(ReadsFor(), milliseconds(500));
  EXPECT_LE(ReadsFor(), seconds(1));
  stream_->Feed(kRequest);
  EXPECT_THAT(Sent(), HasSubstr("Connection: close"));
}

TEST_F(Http1Drain, WhoIsTakenFromTheQueueAtTheEndIsGivenNoLonger) {
  sessions_.SetPhase(DrainPhase::kFinishing);
  Open();
  EXPECT_GT(ReadsFor(), milliseconds(500));
  EXPECT_LE(ReadsFor(), seconds(1));
}

TEST_F(Http1Drain, ARequestUnderWayKeepsItsTime) {
  Open();
  stream_->Feed(kRequest.substr(0, 20));
  Finish();
  EXPECT_GT(ReadsFor(), seconds(5));
  stream_->Feed(kRequest.substr(20));
  EXPECT_THAT(Sent(), HasSubstr("Connection: close"));
}

TEST_F(Http1Drain, WhoIsCutIsToldApartFromWhoWentAway) {
  Open();
  EXPECT_EQ(session_->caller(), exchange::Caller::kThere);
  sessions_.SetPhase(DrainPhase::kCut);
  EXPECT_EQ(session_->caller(), exchange::Caller::kCut);
}

TEST_F(Http1Drain, AParkedConnectionThatWasServedEndsAtOnce) {
  Open();
  ServeOne();
  stream_->TimeOutWith("");
  ASSERT_TRUE(stream_->input_awaited());
  Finish();
  EXPECT_LE(ReadsFor(), milliseconds(0));
  stream_->TimeOutWith("");
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(stream_->closed());
}

}  // namespace
}  // namespace tollgate::net
