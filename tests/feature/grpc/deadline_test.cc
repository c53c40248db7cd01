// How long a call may take: by its caller's grpc-timeout, and by the timeouts of its rule.

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/feature/grpc/grpc_case.h"

namespace tollgate::test {
namespace {

using grpc::StatusCode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::StartsWith;

class GrpcDeadlines : public GrpcCase {
 protected:
  void StartWith(const std::string& timeouts) { Start(Route(std::string(kTarget) + ", " + timeouts)); }
};

// A message of protobuf: wait: true.
const std::string kWaits = "\x20\x01";

TEST_F(GrpcDeadlines, TheServerKnowsThemAndHearsOfTheirEnd) {
  Start();
  EXPECT_EQ(Unary(Wait(), seconds(1)).error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_GT(server_.last_time_left(), milliseconds(0));
  EXPECT_LT(server_.last_time_left(), seconds(2)) << "clients round it up";
  EXPECT_TRUE(kit::Eventually([&] { return server_.cancelled() == 1; }));
}

// A server that does not look at the clock: it begins an answer with `begin`, or says nothing, and that is
// all.
class GrpcSilence : public GrpcDeadlines {
 protected:
  kit::HttpAnswer Call(bool begin) {
    upstream_ = std::make_unique<kit::Http2Upstream>([this, begin](size_t, const kit::Frame& frame) {
      if (frame.type == kit::FrameType::kReset) ++resets_;
      return begin && EndsCall(frame) ? BeginAnswer(frame.stream) : "";
    });
    gateway_.WriteService("test", "echo", upstream_->port()).Write("route.yaml", Route(kTarget));
    EXPECT_TRUE(gateway_.Start()) << gateway_.Stderr();
    return PostCall(gateway_.port(), "Unary", "", {"grpc-timeout: 500m"});
  }
  std::atomic<int> resets_ = 0;
  std::unique_ptr<kit::Http2Upstream> upstream_;
};

TEST_F(GrpcSilence, TheGatewayEndsACallThatNobodyElseDoes) {
  const kit::HttpAnswer answer = Call(false);
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_EQ(answer.Header("grpc-status"), "4");
  EXPECT_THAT(answer.Header("grpc-message"), StartsWith("upstream-timeout: The call's grpc-timeout passed"));
  EXPECT_TRUE(kit::Eventually([&] { return resets_ == 1; }));
  EXPECT_TRUE(Logged("\"reason\":\"grpc-timeout\""));
}

TEST_F(GrpcSilence, AStreamThatHasBegunEndsWithAStatus) {
  const kit::HttpAnswer answer = Call(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.body.size(), 5U) << "a message";
  EXPECT_EQ(answer.Header("grpc-status"), "4");
  EXPECT_TRUE(kit::Eventually([&] { return resets_ == 1; }));
  EXPECT_TRUE(Logged("\"reason\":\"grpc-timeout\""));
}

TEST_F(GrpcDeadlines, OneThatCannotBeReadIsRefused) {
  Start();
  const kit::HttpAnswer answer = PostCall(gateway_.port(), "Unary", "", {"grpc-timeout: 5 seconds"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("grpc-status"), "3") << "INVALID_ARGUMENT";
  EXPECT_THAT(answer.Header("grpc-message"), StartsWith("bad-request: The grpc-timeout cannot be read"));
  EXPECT_EQ(server_.begun(), 0);
}

TEST_F(GrpcDeadlines, OneThatHasPassedReachesNobody) {
  Start();
  EXPECT_EQ(PostCall(gateway_.port(), "Unary", "", {"grpc-timeout: 0S"}).Header("grpc-status"), "4");
  EXPECT_EQ(server_.begun(), 0);
}

TEST_F(GrpcDeadlines, TheShorterOfTheCallersAndTheRulesTimeCounts) {
  StartWith("timeouts: {connect: 400ms, firstByte: 400ms, total: 500ms}");
  const grpc::Status status = Unary(Wait(), seconds(100));
  EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), StartsWith("upstream-timeout: "));
  EXPECT_TRUE(kit::Eventually([&] { return server_.cancelled() == 1; }));
}

TEST_F(GrpcDeadlines, CallersInAHurrySayNothingOfTheServer) {
  StartWith("health: {passive: {consecutiveFailures: 1, ejectFor: 1h, maxEjectedPercent: 100}}");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(PostCall(gateway_.port(), "Unary", kWaits, {"grpc-timeout: 100m"}).Header("grpc-status"), "4");
  }
  EXPECT_EQ(gateway_.Metric("tollgate_upstream_endpoints{state=\"ready\"}"), 1);
}

// The server says something five times within the time; the caller, who could, says nothing.
TEST_F(GrpcDeadlines, AStreamOfWhichOneSideListensGoesOn) {
  StartWith("timeouts: {idle: 2s}");
  grpc::ClientContext context;
  Within(context, seconds(100));
  const auto call = stub_->Listen(&context);
  Text in = Say("x");
  in.set_times(12);
  in.set_pause_ms(400);
  ASSERT_TRUE(call->Write(in));
  Text out;
  int came = 0;
  while (came < 12 && call->Read(&out)) ++came;
  EXPECT_EQ(came, 12);
  call->WritesDone();
  const grpc::Status status = call->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(GrpcDeadlines, AStreamThatNeitherSideUsesIsEnded) {
  StartWith("timeouts: {idle: 1s}");
  grpc::ClientContext context;
  Within(context, seconds(100));
  const auto call = stub_->Talk(&context);
  ASSERT_TRUE(call->Write(Say("x")));
  Text out;
  ASSERT_TRUE(call->Read(&out));
  EXPECT_FALSE(call->Read(&out));
  const grpc::Status status = call->Finish();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "Neither side has sent anything for as long as it may.");
  EXPECT_TRUE(kit::Eventually([&] { return server_.cancelled() == 1; }));
}

}  // namespace
}  // namespace tollgate::test
