// What the gateway itself says to callers of gRPC: statuses of gRPC, in answers of trailers alone.

#include <gmock/gmock.h>

#include "api/base/digest.h"
#include "tests/feature/grpc/grpc_case.h"
#include "tests/kit/raw_server.h"

namespace tollgate::test {
namespace {

using grpc::StatusCode;
using kit::Frame;
using kit::FrameType;
using testing::HasSubstr;
using testing::StartsWith;

class GrpcRefusals : public GrpcCase {};

TEST_F(GrpcRefusals, ACallIsAnswered) {
  Start();
  const grpc::Status status = Unary(Say("hello"));
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(Logged("\"grpcStatus\":0"));
}

TEST_F(GrpcRefusals, WhatNobodyServesIsUnimplemented) {
  Start();
  grpc::ClientContext context;
  Text out;
  const grpc::Status status = Nobody::NewStub(Channel())->Unary(&context, Say("x"), &out);
  EXPECT_EQ(status.error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(status.error_message(), "no-route: No route serves this host and path.");
  EXPECT_NE(ValueIn(context.GetServerTrailingMetadata(), "x-request-id"), "");
  EXPECT_TRUE(Logged("\"grpcStatus\":12"));
}

// One caller, who may call once an hour.
constexpr char kKey[] = "a-key-for-the-test-of-grpc";
std::string Plan() {
  return R"(
apiVersion: v1
kind: Secret
metadata: {name: callers, namespace: test, labels: {tollgate.dev/plan: plan}}
type: tollgate.dev/api-keys
stringData: {caller: "sha256:)" +
         ToHex(AsBytes(Sha256(kKey))) + R"("}
---
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: plan, namespace: test}
spec:
  displayName: Plan
  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}
  rateLimits: [{name: hourly, requests: 1, per: 1h, scope: Consumer}]
)";
}

TEST_F(GrpcRefusals, KeysAndLimitsAreTold) {
  std::string route = Route(kTarget);
  route.replace(route.find("access: Public"), 14, "plans: [{name: plan}]");
  gateway_.Write("plan.yaml", Plan());
  Start(route);
  const auto call = [&](grpc::ClientContext& context, const std::string& key) {
    if (!key.empty()) context.AddMetadata("x-api-key", key);
    Text out;
    return stub_->Unary(&context, Say("x"), &out);
  };
  grpc::ClientContext nameless, stranger, first, second;
  const grpc::Status unknown = call(nameless, "");
  EXPECT_EQ(unknown.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(unknown.error_message(), StartsWith("no-credential: "));
  EXPECT_EQ(call(stranger, "another-key").error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(call(first, kKey).ok());
  EXPECT_EQ(call(second, kKey).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_NE(ValueIn(second.GetServerTrailingMetadata(), "retry-after"), "");
  EXPECT_EQ(server_.begun(), 1);
}

TEST_F(GrpcRefusals, AServerThatIsNotThereIsUnavailable) {
  Start();
  int nobody = 0;
  {
    const kit::RawServer gone;
    nobody = gone.port();
  }
  gateway_.WriteService("test", "echo", nobody);
  EXPECT_TRUE(kit::Eventually([&] {
    const grpc::Status status = Unary(Say("x"));
    return status.error_code() == StatusCode::UNAVAILABLE &&
           status.error_message().starts_with("upstream-connect: ");
  }));
}

TEST_F(GrpcRefusals, TheyAreTrailersAloneInEveryVersionOfHttp) {
  Start();
  for (const kit::HttpVersion version : {kit::HttpVersion::k1, kit::HttpVersion::k2}) {
    kit::HttpClient client(gateway_.port(), version);
    for (const char* type : {"application/grpc", "application/grpc+json"}) {
      const kit::HttpAnswer answer =
          client.Send({"POST", "/nowhere", {std::string("Content-Type: ") + type}, "x"});
      EXPECT_EQ(answer.status, 200);
      EXPECT_EQ(answer.Header("content-type"), "application/grpc");
      EXPECT_EQ(answer.Header("grpc-status"), "12");
      EXPECT_EQ(answer.Header("cache-control"), "no-store");
      EXPECT_EQ(answer.Header("content-length"), version == kit::HttpVersion::k1 ? "0" : "");
      EXPECT_EQ(answer.body, "");
    }
    EXPECT_EQ(client.Send({"POST", "/nowhere", {"Content-Type: application/grpc-web"}, "x"}).status, 404);
  }
}

// A server that begins an answer and says the rest by `after`.
class GrpcBrokenOff : public GrpcRefusals {
 protected:
  kit::HttpAnswer Call(const std::function<std::string(uint32_t)>& after) {
    upstream_ = std::make_unique<kit::Http2Upstream>([after](size_t, const Frame& frame) {
      return EndsCall(frame) ? BeginAnswer(frame.stream) + after(frame.stream) : "";
    });
    gateway_.WriteService("test", "echo", upstream_->port()).Write("route.yaml", Route(kTarget));
    EXPECT_TRUE(gateway_.Start()) << gateway_.Stderr();
    return PostCall(gateway_.port(), "Repeat", "");
  }
  std::unique_ptr<kit::Http2Upstream> upstream_;
};

TEST_F(GrpcBrokenOff, AStreamThatItsServerCutsEndsWithAStatus) {
  const kit::HttpAnswer answer = Call([](uint32_t stream) {
    return kit::ToBytes({FrameType::kReset, 0, stream, kit::Uint32(2)});
  });
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, std::string(5, '\0'));
  EXPECT_EQ(answer.Header("grpc-status"), "14");
  EXPECT_EQ(answer.Header("grpc-message"), "The upstream broke the answer off.");
  EXPECT_TRUE(Logged("\"reason\":\"upstream-body-cut\""));
}

TEST_F(GrpcBrokenOff, AStatusOfTheServersOwnStands) {
  // Trailers: grpc-status, a literal with a name of its own.
  const std::string trailers = std::string("\x10\x0b") + "grpc-status" + "\x01" + "5";
  const kit::HttpAnswer answer = Call([&](uint32_t stream) {
    return kit::ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, stream, trailers});
  });
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.Header("grpc-status"), "5");
  EXPECT_EQ(answer.Header("grpc-message"), "");
}

TEST_F(GrpcRefusals, AServerThatSaysItIsUnavailableIsLeftOut) {
  Start(Route(kTarget + std::string(", health: {passive: "
                                    "{consecutiveFailures: 3, ejectFor: 1h, maxEjectedPercent: 100}}")));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Unary(Fail(StatusCode::UNAVAILABLE)).error_code(), StatusCode::UNAVAILABLE);
  }
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.Metric("tollgate_upstream_endpoints{state=\"ejected\"}") == 1; }));
  const std::string labels = R"({route="test/echo",rule="echo",status="14"})";
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_grpc_calls_total" + labels), 3);
}

}  // namespace
}  // namespace tollgate::test
