// A gateway in front of a server of gRPC, and clients of grpc++ that call it. One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/feature/grpc/echo_server.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/http2_upstream.h"

namespace tollgate::test {

class GrpcCase : public testing::Test {
 protected:
  // A public route to the server; `upstream` is what its rule says of targets and the like.
  static std::string Route(const std::string& upstream) {
    return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: echo, namespace: test}
spec:
  hosts: [grpc.example]
  access: Public
  rules:
  - name: echo
    matches: [{path: {type: Prefix, value: /tollgate.test.Echo}}]
    upstream: {)" +
           upstream + "}\n";
  }
  static constexpr char kTarget[] = "targets: [{serviceRef: {name: echo, port: http}, protocol: GRPC}]";

  void Start(const std::string& route = Route(kTarget)) {
    gateway_.WriteService("test", "echo", server_.port()).Write("route.yaml", route);
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    stub_ = Echo::NewStub(Channel());
  }
  // A connection of its own.
  std::shared_ptr<grpc::Channel> Channel() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "grpc.example");
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(gateway_.port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  static Text Say(const std::string& text) {
    Text in;
    in.set_text(text);
    return in;
  }
  static Text Fail(grpc::StatusCode code) {
    Text in;
    in.set_fail_with(code);
    return in;
  }
  static Text Wait() {
    Text in;
    in.set_wait(true);
    return in;
  }
  static void Within(grpc::ClientContext& context, std::chrono::milliseconds time) {
    context.set_deadline(std::chrono::system_clock::now() + time);
  }
  // A call with nothing about it.
  grpc::Status Unary(const Text& in, std::chrono::milliseconds time = std::chrono::seconds(60)) {
    grpc::ClientContext context;
    Within(context, time);
    Text out;
    return stub_->Unary(&context, in, &out);
  }
  static std::string ValueIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata,
                             const char* name) {
    const auto found = metadata.find(name);
    return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
  }
  // Whether the log comes to have a line with this in it.
  bool Logged(const std::string& part) {
    return kit::Eventually([&] { return gateway_.AccessLog().find(part) != std::string::npos; });
  }

  EchoServer server_;
  kit::Gateway gateway_;
  std::unique_ptr<Echo::Stub> stub_;
};

// Of a server whose frames a test writes: HEADERS with the status 200 and the content type, and a message.
inline std::string BeginAnswer(uint32_t stream) {
  const std::string block = std::string("\x88\x0f\x10\x10") + "application/grpc";
  return kit::ToBytes({kit::FrameType::kHeaders, kit::kEndHeaders, stream, block}) +
         kit::ToBytes({kit::FrameType::kData, 0, stream, std::string(5, '\0')});
}
inline bool EndsCall(const kit::Frame& frame) {
  return frame.type == kit::FrameType::kData && (frame.flags & kit::kEndStream) != 0;
}

// A call as a client makes it that does not look at the clock, and reads heads and trailers as they come.
inline kit::HttpAnswer PostCall(int port, const std::string& method, const std::string& message,
                                std::vector<std::string> headers = {},
                                kit::HttpVersion version = kit::HttpVersion::k2) {
  headers.insert(headers.end(), {"Host: grpc.example", "Content-Type: application/grpc", "TE: trailers"});
  const std::string body = std::string(4, '\0') + static_cast<char>(message.size()) + message;
  return kit::HttpClient(port, version)
      .Send({"POST", "/tollgate.test.Echo/" + method, headers, body, 60'000});
}

}  // namespace tollgate::test
