// HTTP/2 between the gateway and upstreams: by a second gateway, and by frames that a test writes.

#include "tests/kit/http2_upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "tests/kit/command.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using kit::AnswerHead;
using kit::Frame;
using kit::FrameType;
using kit::ToBytes;
using testing::HasSubstr;
using testing::Not;

bool EndsRequest(const Frame& frame) {
  const bool carries = frame.type == FrameType::kHeaders || frame.type == FrameType::kData;
  return carries && (frame.flags & kit::kEndStream) != 0;
}
std::string Data(uint32_t stream, const std::string& data, uint8_t flags = kit::kEndStream) {
  return ToBytes({FrameType::kData, flags, stream, data});
}
std::string Reset(uint32_t stream, uint32_t error) {
  return ToBytes({FrameType::kReset, 0, stream, kit::Uint32(error)});
}
std::string GoAway(uint32_t last) {
  return ToBytes({FrameType::kGoAway, 0, 0, kit::Uint32(last) + kit::Uint32(0)});
}
std::string Settings(uint8_t name, uint32_t value) {
  return ToBytes(
      {FrameType::kSettings, 0, 0, std::string(1, '\0') + static_cast<char>(name) + kit::Uint32(value)});
}
constexpr uint8_t kMaxConcurrentStreams = 3;

// "ok" to every request.
std::string Ok(size_t, const Frame& frame) {
  return EndsRequest(frame) ? AnswerHead(frame.stream) + Data(frame.stream, "ok") : "";
}

class Http2Upstreams : public testing::Test {
 protected:
  void Start(int port, const std::string& upstream = {}) {
    gateway_.WriteService("test", "upstream", port).Write("route.yaml", R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: h2c, namespace: test}
spec:
  hosts: [a.example]
  access: Public
  rules:
  - name: all
    upstream:
      targets: [{serviceRef: {name: upstream, port: http}, protocol: H2C}]
)" + upstream);
    // One core: connections are counted.
    ASSERT_TRUE(gateway_.Start({"--threads", "1"})) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  kit::HttpAnswer Send(const std::string& method = "GET", const std::string& body = {},
                       std::vector<std::string> headers = {}) {
    headers.push_back("Host: a.example");
    return client_->Send({method, "/a?b=c", headers, body, 60'000});
  }
  std::string Load(const std::string& options) {
    return kit::RunCommand("h2load " + options + " http://127.0.0.1:" + std::to_string(gateway_.port()) +
                           "/ -H ':authority: a.example' 2>&1")
        .out;
  }

  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

// HEADERS of an interim answer: 103 and a link.
std::string EarlyHints(uint32_t stream) {
  const std::string block = std::string("\x08\x03") + "103" + std::string(1, '\0') + "\x04link\x01x";
  return ToBytes({FrameType::kHeaders, kit::kEndHeaders, stream, block});
}

TEST_F(Http2Upstreams, InterimAnswersAreHandedOn) {
  kit::Http2Upstream upstream([](size_t connection, const Frame& frame) {
    return EndsRequest(frame) ? EarlyHints(frame.stream) + Ok(connection, frame) : "";
  });
  Start(upstream.port());
  kit::RawClient caller(gateway_.port());
  caller.Send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  const std::string answer = caller.ReadToEnd(std::chrono::seconds(60));
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 103 "));
  EXPECT_THAT(answer, HasSubstr("\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\nok\r\n0\r\n\r\n"));
}

TEST_F(Http2Upstreams, InterimAnswersThatDoNotEndAreNone) {
  kit::Http2Upstream upstream([](size_t connection, const Frame& frame) {
    if (!EndsRequest(frame)) return std::string();
    std::string answer;
    for (int i = 0; i < 17; ++i) answer += EarlyHints(frame.stream);
    return answer + Ok(connection, frame);
  });
  Start(upstream.port());
  const kit::HttpAnswer answer = Send();
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("problems/upstream-invalid"));
}

// A whole way: this gateway, over HTTP/2, to another one, over HTTP/1.1, to an upstream that writes it down.
class ThroughTwoGateways : public Http2Upstreams {
 protected:
  void SetUp() override {
    inner_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(inner_.Start()) << inner_.Stderr();
    Start(inner_.port());
  }
  kit::RecordingUpstream upstream_;
  kit::Gateway inner_;
};

TEST_F(ThroughTwoGateways, LargeBodiesComeThroughWholeBothWays) {
  std::string large(5'000'003, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i * i % 23);
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n" +
                      large);
  const kit::HttpAnswer answer = Send("POST", large);
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_TRUE(answer.body == large);
  ASSERT_EQ(upstream_.Complete().size(), 1U);
  EXPECT_TRUE(upstream_.Complete().front().body == large);
}

TEST_F(ThroughTwoGateways, FieldsAreThoseOfHttp11) {
  EXPECT_EQ(Send("GET", {}, {"X-Kept: 1", "Connection: X-Hop", "X-Hop: 1", "Forwarded: for=1.2.3.4"}).body,
            "ok");
  const std::string head = upstream_.Complete().front().head;
  EXPECT_THAT(head, testing::StartsWith("GET /a?b=c HTTP/1.1\r\nHost: a.example\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nx-kept: 1\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("x-hop")));
  EXPECT_THAT(head, Not(HasSubstr("1.2.3.4")));
}

TEST_F(ThroughTwoGateways, HeadAndAnswersWithoutABodyStayWithout) {
  EXPECT_EQ(Send("HEAD").status, 200);
  EXPECT_EQ(Send("HEAD").Header("content-length"), "2");
  upstream_.SetAnswer("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(Send().status, 204);
}

TEST_F(ThroughTwoGateways, ManyRequestsAtOnce) {
  const std::string out = Load("-n 4000 -c 4 -m 100");
  EXPECT_THAT(out, HasSubstr("4000 succeeded, 0 failed"));
  EXPECT_THAT(out, HasSubstr("4000 2xx"));
}

TEST_F(Http2Upstreams, OneConnectionServesMany) {
  kit::Http2Upstream upstream(Ok);
  Start(upstream.port());
  EXPECT_THAT(Load("-n 2000 -c 2 -m 40"), HasSubstr("2000 2xx"));
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(Http2Upstreams, NoMoreStreamsThanTheUpstreamTakes) {
  std::atomic<size_t> most = 0;
  std::set<uint32_t> open;  // of one connection: one thread
  kit::Http2Upstream upstream(
      [&](size_t, const Frame& frame) -> std::string {
        if (frame.type != FrameType::kHeaders) return "";
        open.insert(frame.stream);
        most = std::max<size_t>(most, open.size());
        // In pairs, so that there are two at a time.
        if (open.size() < 2) return "";
        std::string answers;
        for (const uint32_t stream : open) answers += AnswerHead(stream) + Data(stream, "ok");
        open.clear();
        return answers;
      },
      Settings(kMaxConcurrentStreams, 2));
  Start(upstream.port(), "      limits: {connections: 1, pending: 1000}\n      timeouts: {connect: 60s}\n");
  EXPECT_THAT(Load("-n 200 -c 1 -m 20"), HasSubstr("200 2xx"));
  EXPECT_EQ(upstream.accepted(), 1U);
  EXPECT_EQ(most, 2U);
}

TEST_F(Http2Upstreams, MoreConnectionsWhereOneIsFull) {
  std::atomic<size_t> held = 0;
  kit::Http2Upstream upstream(
      [&](size_t, const Frame& frame) -> std::string {
        if (frame.type == FrameType::kHeaders) ++held;
        return "";
      },
      Settings(kMaxConcurrentStreams, 1));
  Start(upstream.port());
  kit::RawClient first(gateway_.port());
  kit::RawClient second(gateway_.port());
  for (kit::RawClient* caller : {&first, &second}) caller->Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_TRUE(kit::Eventually([&] { return held == 2; }));
  EXPECT_EQ(upstream.accepted(), 2U);
}

TEST_F(Http2Upstreams, WhereNoneMayWaitTheAnswerIs503) {
  kit::Http2Upstream upstream([](size_t, const Frame&) { return ""; }, Settings(kMaxConcurrentStreams, 1));
  Start(upstream.port(), "      limits: {connections: 1, pending: 0}\n");
  kit::RawClient first(gateway_.port());
  first.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(kit::Eventually([&] { return upstream.accepted() == 1; }));
  EXPECT_TRUE(kit::Eventually([&] {
    return Send().status == 503 && gateway_.AccessLog().find("pending-limit") != std::string::npos;
  }));
}

// Also one that is not idempotent, with its body: nothing was done.
TEST_F(Http2Upstreams, ARefusedRequestIsSentAgain) {
  std::atomic<int> refusals = 2;
  std::string body;
  kit::Http2Upstream upstream([&](size_t, const Frame& frame) -> std::string {
    if (frame.type == FrameType::kHeaders) body.clear();
    if (frame.type == FrameType::kData) body += frame.payload;
    if (!EndsRequest(frame)) return "";
    if (refusals-- > 0) return Reset(frame.stream, 7);
    return AnswerHead(frame.stream) + Data(frame.stream, body);
  });
  Start(upstream.port());
  const kit::HttpAnswer answer = Send("POST", "hello");
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_EQ(answer.body, "hello");
}

TEST_F(Http2Upstreams, WhoAlwaysRefusesIsNotAskedForever) {
  std::atomic<int> asked = 0;
  kit::Http2Upstream upstream([&](size_t, const Frame& frame) -> std::string {
    if (!EndsRequest(frame)) return "";
    ++asked;
    return Reset(frame.stream, 7);
  });
  Start(upstream.port());
  EXPECT_EQ(Send().status, 502);
  EXPECT_EQ(asked, 4);
  EXPECT_TRUE(
      kit::Eventually([&] { return gateway_.AccessLog().find("refused-stream") != std::string::npos; }));
}

TEST_F(Http2Upstreams, WhatAGoAwayLeavesOutIsSentAgainElsewhere) {
  kit::Http2Upstream upstream([](size_t connection, const Frame& frame) -> std::string {
    if (!EndsRequest(frame)) return "";
    if (connection == 0 && frame.stream > 1) return GoAway(1);
    return AnswerHead(frame.stream) + Data(frame.stream, "ok");
  });
  Start(upstream.port());
  EXPECT_EQ(Send().body, "ok");
  EXPECT_EQ(Send("POST", "body").body, "ok");
  EXPECT_EQ(Send().body, "ok");
  EXPECT_EQ(upstream.accepted(), 2U);
}

TEST_F(Http2Upstreams, AnotherResetIsAFailure) {
  kit::Http2Upstream upstream(
      [](size_t, const Frame& frame) { return EndsRequest(frame) ? Reset(frame.stream, 2) : std::string(); });
  Start(upstream.port());
  const kit::HttpAnswer answer = Send();
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("problems/upstream-reset"));
}

TEST_F(Http2Upstreams, ACallerWhoLeavesInTheMiddleLeavesTheOthersAlone) {
  kit::Http2Upstream upstream([](size_t, const Frame& frame) -> std::string {
    if (!EndsRequest(frame)) return "";
    return frame.stream == 1 ? AnswerHead(1) + Data(1, "some", 0) : Ok(0, frame);
  });
  Start(upstream.port());
  {
    kit::RawClient caller(gateway_.port());
    caller.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    EXPECT_THAT(caller.ReadUntil("some"), HasSubstr("some"));
    caller.Reset();
  }
  EXPECT_EQ(Send().body, "ok");
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(Http2Upstreams, ACallerWhoLeavesBeforeTheAnswerEndsItsStream) {
  std::atomic<uint32_t> cancelled = 0;
  kit::Http2Upstream upstream([&](size_t, const Frame& frame) -> std::string {
    if (frame.type == FrameType::kReset && kit::ToUint32(frame.payload) == 8) cancelled = frame.stream;
    return frame.stream > 1 ? Ok(0, frame) : "";
  });
  Start(upstream.port());
  kit::RawClient caller(gateway_.port());
  caller.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(kit::Eventually([&] { return upstream.accepted() == 1; }));
  caller.Reset();
  EXPECT_TRUE(kit::Eventually([&] { return cancelled == 1; }));
  EXPECT_EQ(Send().body, "ok");
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(Http2Upstreams, AnUpstreamThatDoesNotSpeakItCannotBeReached) {
  kit::RecordingUpstream upstream;
  Start(upstream.port());
  const kit::HttpAnswer answer = Send();
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("problems/upstream-connect"));
  EXPECT_TRUE(kit::Eventually([&] { return gateway_.AccessLog().find("no-http2") != std::string::npos; }));
  upstream.StopListening();
  EXPECT_EQ(Send().status, 502);
}

TEST_F(Http2Upstreams, TrailersOfACallerAndOfTheUpstreamAreHandedOn) {
  kit::Http2Upstream upstream([](size_t, const Frame& frame) -> std::string {
    if (!EndsRequest(frame)) return "";
    const std::string trailer = std::string(1, '\0') + "\x05x-sum" +
                                "\x01"
                                "6";
    return AnswerHead(frame.stream) + Data(frame.stream, "abc", 0) +
           ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, frame.stream, trailer});
  });
  Start(upstream.port());
  kit::RawClient raw(gateway_.port());
  raw.Send(kit::Http2Greeting() + ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, 1,
                                           kit::HeaderBlock("a.example")}));
  // The head of a HEADERS frame of stream 1 with END_HEADERS and END_STREAM.
  const std::string last("\x01\x05\0\0\0\x01", 6);
  EXPECT_THAT(raw.ReadUntil(last), HasSubstr(last));
}

}  // namespace
}  // namespace tollgate
