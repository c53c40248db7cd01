// Calls of every form, from clients of grpc++ through the gateway to a server of grpc++.

#include <gmock/gmock.h>

#include <vector>

#include "tests/feature/grpc/grpc_case.h"

namespace tollgate::test {
namespace {

using grpc::StatusCode;
using std::chrono::seconds;

class GrpcCalls : public GrpcCase {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(GrpcCalls, UnaryOnesCarryMetadataBothWays) {
  const std::string bytes("\0\xff\x80,\n", 5);
  grpc::ClientContext context;
  Within(context, seconds(60));
  context.AddMetadata("x-in", "6");
  context.AddMetadata("x-in-bin", bytes);
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  Text out;
  const grpc::Status status = stub_->Unary(&context, Say(std::string(10'000, 'h')), &out);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(out.text(), std::string(10'000, 'h'));
  EXPECT_EQ(ValueIn(context.GetServerInitialMetadata(), "x-head"), "6");
  EXPECT_EQ(ValueIn(context.GetServerTrailingMetadata(), "x-out"), "6");
  EXPECT_EQ(ValueIn(context.GetServerTrailingMetadata(), "x-out-bin"), bytes);
  EXPECT_EQ(server_.LastMetadata("x-request-id"),
            ValueIn(context.GetServerInitialMetadata(), "x-request-id"));
}

TEST_F(GrpcCalls, ClientsStream) {
  grpc::ClientContext context;
  Within(context, seconds(60));
  Text out;
  const auto call = stub_->Collect(&context, &out);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += std::to_string(i);
    ASSERT_TRUE(call->Write(Say(std::to_string(i))));
  }
  call->WritesDone();
  EXPECT_TRUE(call->Finish().ok());
  EXPECT_EQ(out.text(), all);
}

TEST_F(GrpcCalls, ServersStreamAndMayFailInTheEnd) {
  grpc::ClientContext context;
  Within(context, seconds(60));
  Text in = Fail(StatusCode::DATA_LOSS);
  in.set_times(100);
  const auto call = stub_->Repeat(&context, in);
  Text out;
  int came = 0;
  while (call->Read(&out)) ++came;
  EXPECT_EQ(came, 100);
  const grpc::Status status = call->Finish();
  EXPECT_EQ(status.error_code(), StatusCode::DATA_LOSS);
  EXPECT_EQ(status.error_message(), "as told: 100 %");
  EXPECT_TRUE(Logged("\"grpcStatus\":15"));
}

TEST_F(GrpcCalls, BothSidesTalkInTurn) {
  grpc::ClientContext context;
  Within(context, seconds(60));
  const auto call = stub_->Talk(&context);
  // Each brings updates of windows, and pings: short messages are worth them.
  for (int i = 0; i < 2'000; ++i) {
    Text out;
    ASSERT_TRUE(call->Write(Say(std::to_string(i))));
    ASSERT_TRUE(call->Read(&out)) << i;
    EXPECT_EQ(out.text(), std::to_string(i));
  }
  call->WritesDone();
  EXPECT_TRUE(call->Finish().ok());
}

TEST_F(GrpcCalls, AStatusAloneIsHandedOnAsItIs) {
  grpc::ClientContext context;
  Within(context, seconds(60));
  Text out;
  const grpc::Status status = stub_->Unary(&context, Fail(StatusCode::FAILED_PRECONDITION), &out);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "as told: 100 %");
  EXPECT_EQ(status.error_details(), "details");
  EXPECT_EQ(ValueIn(context.GetServerTrailingMetadata(), "x-why"), "asked");
  EXPECT_TRUE(Logged("\"grpcStatus\":9"));
  const kit::HttpAnswer answer = PostCall(gateway_.port(), "Unary", "\x18\x09");
  EXPECT_EQ(answer.Header("grpc-status"), "9");
  EXPECT_EQ(answer.Header("grpc-message"), "as told: 100 %25");
  EXPECT_EQ(answer.Header("content-length"), "");
}

// 64 messages of a mebibyte: none of the connections between holds as much.
TEST_F(GrpcCalls, AClientThatDoesNotReadStopsItsServer) {
  constexpr int kMessages = 64;
  const std::string large(1024 * 1024, 'l');
  grpc::ClientContext context;
  Within(context, seconds(100));
  Text in = Say(large);
  in.set_times(kMessages);
  const auto call = stub_->Repeat(&context, in);
  Text out;
  ASSERT_TRUE(call->Read(&out));
  EXPECT_EQ(Unary(Say("beside it")).error_code(), StatusCode::OK) << "others on the connection go on";
  EXPECT_LT(server_.written(), kMessages);
  int came = 1;
  while (call->Read(&out)) came += out.text() == large ? 1 : 0;
  EXPECT_EQ(came, kMessages);
  EXPECT_TRUE(call->Finish().ok());
}

TEST_F(GrpcCalls, LargeMessagesGoUpWhole) {
  const std::string large(1024 * 1024, 'l');
  grpc::ClientContext context;
  Within(context, seconds(100));
  Text out;
  const auto call = stub_->Collect(&context, &out);
  for (int i = 0; i < 16; ++i) ASSERT_TRUE(call->Write(Say(large)));
  call->WritesDone();
  EXPECT_TRUE(call->Finish().ok());
  EXPECT_EQ(out.text().size(), 16 * large.size());
}

// So that no deadline does what the cancelling is to do.
constexpr std::chrono::hours kNeverInATest{1};

TEST_F(GrpcCalls, ACancelledCallEndsAtTheServerBeforeItsAnswer) {
  grpc::ClientContext context;
  Within(context, kNeverInATest);
  grpc::CompletionQueue queue;
  const auto call = stub_->AsyncUnary(&context, Wait(), &queue);
  Text out;
  grpc::Status status;
  call->Finish(&out, &status, &out);
  ASSERT_TRUE(kit::Eventually([&] { return server_.begun() == 1; }));
  context.TryCancel();
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(kit::Eventually([&] { return server_.cancelled() == 1; }));
}

TEST_F(GrpcCalls, ACancelledStreamEndsAtTheServerWithinItsAnswer) {
  grpc::ClientContext context;
  Within(context, kNeverInATest);
  Text in = Wait();
  in.set_times(1);
  const auto call = stub_->Repeat(&context, in);
  Text out;
  ASSERT_TRUE(call->Read(&out));
  context.TryCancel();
  EXPECT_EQ(call->Finish().error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(kit::Eventually([&] { return server_.cancelled() == 1; }));
  EXPECT_TRUE(Logged("\"reason\":\"downstream-gone\""));
}

TEST_F(GrpcCalls, ACancelledTalkEndsAtTheServer) {
  grpc::ClientContext context;
  Within(context, kNeverInATest);
  const auto call = stub_->Talk(&context);
  Text out;
  ASSERT_TRUE(call->Write(Say("x")));
  ASSERT_TRUE(call->Read(&out));
  context.TryCancel();
  EXPECT_EQ(call->Finish().error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(kit::Eventually([&] { return server_.cancelled() == 1; }));
}

struct OpenTalk {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<Text, Text>> stream;

  bool Write(const std::string& text) {
    Text in;
    in.set_text(text);
    return stream->Write(in);
  }
  bool Hears(const std::string& text) {
    Text out;
    return stream->Read(&out) && out.text() == text;
  }
  bool End() { return stream->WritesDone() && stream->Finish().ok(); }
};

TEST_F(GrpcCalls, AThousandStreamsAtOnce) {
  constexpr int kConnections = 20;  // the gateway takes 100 streams of each
  constexpr int kStreams = 50;
  std::vector<std::unique_ptr<Echo::Stub>> stubs;
  std::vector<std::unique_ptr<OpenTalk>> talks;
  for (int i = 0; i < kConnections; ++i) {
    stubs.push_back(Echo::NewStub(Channel()));
    for (int j = 0; j < kStreams; ++j) {
      OpenTalk& talk = *talks.emplace_back(std::make_unique<OpenTalk>());
      Within(talk.context, seconds(100));
      talk.stream = stubs.back()->Talk(&talk.context);
    }
  }
  int errors = 0;
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < talks.size(); ++i) errors += talks[i]->Write(std::to_string(i)) ? 0 : 1;
    for (size_t i = 0; i < talks.size(); ++i) errors += talks[i]->Hears(std::to_string(i)) ? 0 : 1;
  }
  for (const auto& talk : talks) errors += talk->End() ? 0 : 1;
  EXPECT_EQ(errors, 0);
}

}  // namespace
}  // namespace tollgate::test
