// HTTP/2 between callers and the gateway: by curl and h2load, and by frames that no good client sends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <optional>

#include "tests/feature/limited_plan.h"
#include "tests/kit/command.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/http2_frames.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using kit::Frame;
using kit::FrameType;
using kit::HttpVersion;
using kit::ToBytes;
using testing::HasSubstr;

constexpr char kHost[] = "a.example";
constexpr uint32_t kCalm = 0xb;  // ENHANCE_YOUR_CALM

std::string Get(uint32_t stream) {
  return ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, stream, kit::HeaderBlock(kHost)});
}

class Http2 : public testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void Start(const std::vector<std::string>& flags) {
    gateway_ = std::make_unique<kit::Gateway>();
    gateway_->WriteService("test", "upstream", upstream_.port()).Write("route.yaml", kit::PublicRoute(kHost));
    ASSERT_TRUE(gateway_->Start(flags)) << gateway_->Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_->port(), HttpVersion::k2);
  }
  kit::HttpAnswer Send(const std::string& method, const std::string& body,
                       const std::vector<std::string>& headers = {}) {
    kit::HttpRequest request{method, "/", headers, body, 60'000};
    request.headers.push_back(std::string("Host: ") + kHost);
    return client_->Send(request);
  }
  // The frames that come until the connection ends.
  static std::vector<Frame> ToEnd(kit::RawClient& raw) {
    return kit::ReadFrames(raw.ReadToEnd(std::chrono::seconds(60)));
  }
  // Why the connection was ended; nothing where nobody said.
  static std::optional<uint32_t> GoAwayError(const std::vector<Frame>& frames) {
    std::optional<uint32_t> error;
    for (const Frame& frame : frames) {
      if (frame.type == FrameType::kGoAway) error = kit::ToUint32(frame.payload.substr(4));
    }
    return error;
  }

  kit::RecordingUpstream upstream_;
  std::unique_ptr<kit::Gateway> gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(Http2, LargeBodiesComeThroughWholeBothWays) {
  std::string large(5'000'003, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i * i % 23);
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n" +
                      large);
  const kit::HttpAnswer answer = Send("POST", large);
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_EQ(answer.version, "HTTP/2");
  EXPECT_TRUE(answer.body == large);
  ASSERT_EQ(upstream_.Complete().size(), 1u);
  EXPECT_TRUE(upstream_.Complete().front().body == large);
}

// Section 8.1.1: it is reset, and no other request of the connection with it.
TEST_F(Http2, AMalformedRequestIsResetAndStandsInLogAndMetrics) {
  const std::string without_path = "\x82\x86\x01" + std::string(1, sizeof kHost - 1) + kHost;
  const std::string upper_case = kit::HeaderBlock(kHost) + std::string("\0\1X\1y", 5);
  kit::RawClient raw(gateway_->port());
  raw.Send(kit::Http2Greeting());
  for (const auto& [stream, block] : {std::pair(1U, without_path), std::pair(3U, upper_case)})
    raw.Send(ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, stream, block}));
  raw.Send(Get(5));
  const std::vector<Frame> frames = kit::ReadFrames(raw.ReadUntil("ok"));
  EXPECT_EQ(frames.back().payload, "ok");
  EXPECT_EQ(std::count_if(frames.begin(), frames.end(),
                          [](const Frame& frame) { return frame.type == FrameType::kReset; }),
            2);
  std::vector<nlohmann::json> lines;
  EXPECT_TRUE(kit::Eventually([&] { return (lines = LogLines(gateway_->AccessLog())).size() == 3; }));
  int malformed = 0;
  for (const nlohmann::json& line : lines) {
    EXPECT_EQ(line["protocol"], "HTTP/2");
    if (line["reason"] == "malformed fields") malformed += line["status"] == 400 ? 1 : 0;
  }
  EXPECT_EQ(malformed, 2);
  EXPECT_EQ(gateway_->Metric("tollgate_proxy_refusals_total{reason=\"bad-request\"}"), 2);
}

TEST_F(Http2, AnAnswerOfUnknownLengthComesWhole) {
  upstream_.SetAnswer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(Send("GET", "").body, "abcde");
}

TEST_F(Http2, WhatDescribesTheConnectionStaysBehind) {
  upstream_.SetAnswer(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: X-Inner\r\nX-Inner: 1\r\nKeep-Alive: "
      "timeout=5\r\nX-KEPT: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nok");
  const kit::HttpAnswer answer = Send("GET", "");
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_EQ(answer.Header("x-kept"), "1");
  EXPECT_EQ(answer.headers.count("set-cookie"), 2u);
  for (const char* name : {"x-inner", "connection", "keep-alive"}) EXPECT_EQ(answer.Header(name), "") << name;
}

TEST_F(Http2, ManyRequestsAtOnceOnFewConnections) {
  const auto [code, out] =
      kit::RunCommand("h2load -n 4000 -c 2 -m 100 http://127.0.0.1:" + std::to_string(gateway_->port()) +
                      "/ -H ':authority: a.example' 2>&1");
  EXPECT_EQ(code, 0);
  EXPECT_THAT(out, HasSubstr("4000 succeeded, 0 failed")) << out;
  EXPECT_THAT(out, HasSubstr("4000 2xx")) << out;
}

TEST_F(Http2, AHeadThatIsTooLargeIs431) {
  const kit::HttpAnswer answer = Send("GET", "", {"X-Large: " + std::string(40'000, 'a')});
  EXPECT_EQ(answer.status, 431) << answer.error;
  EXPECT_THAT(answer.body, HasSubstr("problems/headers-too-large"));
}

TEST_F(Http2, AHostThatDiffersFromTheAuthorityIs400) {
  kit::RawClient raw(gateway_->port());
  const std::string block = kit::HeaderBlock(kHost) + std::string(
                                                          "\x0f\x17\x09"
                                                          "b.example",
                                                          12);
  raw.Send(kit::Http2Greeting() +
           ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, 1, block}));
  EXPECT_THAT(raw.ReadUntil("problems/bad-request"), HasSubstr("problems/bad-request"));
  EXPECT_EQ(upstream_.begun(), 0u);
}

// A field as a literal that no table keeps (RFC 7541, section 6.2.2).
std::string Literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) +
         value;
}

// What HTTP/1.1 would read as something else, or as two requests (RFC 9113, section 10.3).
TEST_F(Http2, WhatNoHttp1RequestCanHoldIsResetAndNotForwarded) {
  const std::string get = "\x82";
  const std::string http = "\x86";
  const std::string root = "\x84";
  const std::string host = Literal(":authority", kHost);
  const std::vector<std::string> blocks = {
      Literal(":method", "GE T") + http + root + host,
      Literal(":method", "GET / HTTP/1.1\r\nX: y") + http + root + host,
      get + http + Literal(":path", "/a b") + host,
      get + http + Literal(":path", "/ HTTP/1.1\r\nX: y") + host,
      get + http + root + Literal(":authority", "a.example\r\nX: y"),
      get + http + root + host + Literal("x-a", "b\nc: d"),
      get + http + root + host + Literal("x:a", "b"),
      get + http + root + host + Literal("X-Upper", "b"),
      get + http + root + host + Literal("connection", "x-a"),
      get + http + root + host + Literal("transfer-encoding", "chunked"),
      get + http + root + host + Literal("content-length", "1") + Literal("content-length", "2"),
  };
  for (const std::string& block : blocks) {
    kit::RawClient raw(gateway_->port());
    raw.Send(kit::Http2Greeting() +
             ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, 1, block}));
    const std::string reset = ToBytes({FrameType::kReset, 0, 1, kit::Uint32(1)});
    EXPECT_THAT(raw.ReadUntil(reset, std::chrono::seconds(10)), HasSubstr(reset))
        << testing::PrintToString(block);
  }
  EXPECT_EQ(upstream_.begun(), 0u);
}

TEST_F(Http2, ACancelledRequestIsTakenFromItsUpstream) {
  upstream_.SetAnswer("");
  kit::RawClient raw(gateway_->port());
  raw.Send(kit::Http2Greeting() + Get(1));
  ASSERT_TRUE(kit::Eventually([&] { return upstream_.Complete().size() == 1; }));
  ASSERT_EQ(upstream_.open(), 1u);
  raw.Send(ToBytes({FrameType::kReset, 0, 1, kit::Uint32(0x8)}));
  EXPECT_TRUE(kit::Eventually([&] { return upstream_.open() == 0; }));
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_->AccessLog().find("\"status\":499") != std::string::npos;
  })) << gateway_->AccessLog();
}

TEST_F(Http2, ARequestThatIsCancelledAtOnceReachesNobody) {
  kit::RawClient raw(gateway_->port());
  raw.Send(kit::Http2Greeting() + Get(1) + ToBytes({FrameType::kReset, 0, 1, kit::Uint32(0x8)}) + Get(3));
  EXPECT_THAT(raw.ReadUntil("ok"), HasSubstr("ok"));
  EXPECT_EQ(upstream_.begun(), 1u);
}

// The answer comes first, and the rest of the request is cut off without a fault of its sender's.
TEST_F(Http2, ARequestThatIsAnsweredBeforeItsEndIsCutOff) {
  kit::RawClient raw(gateway_->port());
  raw.Send(kit::Http2Greeting() +
           ToBytes({FrameType::kHeaders, kit::kEndHeaders, 1, kit::HeaderBlock("nobody.example", true)}));
  std::string received = raw.ReadUntil("problems/no-route");
  raw.Send(ToBytes({FrameType::kData, 0, 1, "more"}));
  const std::string reset = ToBytes({FrameType::kReset, 0, 1, kit::Uint32(0)});
  received += raw.ReadUntil(reset);
  EXPECT_THAT(received, HasSubstr(reset));
  raw.Send(ToBytes({FrameType::kData, 0, 1, "and more"}) + Get(3));
  EXPECT_THAT(raw.ReadUntil("ok"), HasSubstr("ok")) << "what was on its way then is no fault";
}

TEST_F(Http2, AConnectionThatBreaksEndsItsRequests) {
  upstream_.SetAnswer("");
  {
    kit::RawClient raw(gateway_->port());
    raw.Send(kit::Http2Greeting() + Get(1) + Get(3));
    ASSERT_TRUE(kit::Eventually([&] { return upstream_.Complete().size() == 2; }));
  }
  EXPECT_TRUE(kit::Eventually([&] { return upstream_.open() == 0; }));
  EXPECT_TRUE(kit::Eventually([&] { return gateway_->Metric("tollgate_proxy_connections") == 0; }));
}

// What costs the gateway work and carries nothing. Each is sent until the gateway has had enough.
struct Flood {
  std::string name;
  std::string begin;                       // before it, once
  std::string (*frames)(uint32_t number);  // the n-th piece
  std::optional<uint32_t> error;           // nothing: however it ends
};

class Http2Flood : public Http2, public testing::WithParamInterface<Flood> {};

TEST_P(Http2Flood, EndsItsConnectionAndNoOther) {
  kit::RawClient raw(gateway_->port());
  std::string flood = kit::Http2Greeting() + GetParam().begin;
  for (uint32_t i = 0; i < 20'000; ++i) flood += GetParam().frames(i);
  raw.Send(flood);
  const std::vector<Frame> frames = ToEnd(raw);
  if (GetParam().error) {
    EXPECT_EQ(GoAwayError(frames), GetParam().error);
  }
  EXPECT_EQ(Send("GET", "").status, 200);
  EXPECT_TRUE(gateway_->process().running());
}

const Flood kFloods[] = {
    {"Resets", "",
     [](uint32_t i) {
       return Get(2 * i + 1) + ToBytes({FrameType::kReset, 0, 2 * i + 1, kit::Uint32(8)});
     },
     kCalm},
    {"Pings", "",
     [](uint32_t) {
       return ToBytes({FrameType::kPing, 0, 0, std::string(8, 'p')});
     },
     kCalm},
    {"Settings", "", [](uint32_t) { return ToBytes({FrameType::kSettings}); }, kCalm},
    {"Priorities", "",
     [](uint32_t) {
       return ToBytes({FrameType::kPriority, 0, 1, std::string("\0\0\0\0\1", 5)});
     },
     kCalm},
    {"WindowUpdates", "",
     [](uint32_t) {
       return ToBytes({FrameType::kWindowUpdate, 0, 0, kit::Uint32(1)});
     },
     kCalm},
    {"EmptyData", ToBytes({FrameType::kHeaders, kit::kEndHeaders, 1, kit::HeaderBlock(kHost, true)}),
     [](uint32_t) {
       return ToBytes({FrameType::kData, 0, 1});
     },
     kCalm},
    {"Continuations", ToBytes({FrameType::kHeaders, kit::kEndStream, 1, kit::HeaderBlock(kHost)}),
     [](uint32_t) {
       return ToBytes({FrameType::kContinuation, 0, 1, std::string("\0\1a\1b", 5)});
     },
     std::nullopt},
};

INSTANTIATE_TEST_SUITE_P(Each, Http2Flood, testing::ValuesIn(kFloods),
                         [](const testing::TestParamInfo<Flood>& of) { return of.param.name; });

TEST_F(Http2, ADrainingGatewaySaysSoAndServesWhatComes) {
  Start({"--drain-grace=1h"});
  kit::RawClient raw(gateway_->port());
  raw.Send(kit::Http2Greeting() + Get(1));
  raw.ReadUntil("ok");
  gateway_->process().Signal(SIGTERM);
  ASSERT_TRUE(kit::Eventually(
      [&] { return kit::HttpClient(gateway_->metrics_port()).Get("/readyz").status == 503; }));
  raw.Send(Get(3));
  const std::vector<Frame> frames = kit::ReadFrames(raw.ReadUntil("ok"));
  const auto away = std::find_if(frames.begin(), frames.end(),
                                 [](const Frame& frame) { return frame.type == FrameType::kGoAway; });
  ASSERT_NE(away, frames.end());
  EXPECT_EQ(kit::ToUint32(away->payload), 0x7fffffffu) << "no request that comes is turned away";
  EXPECT_TRUE(std::any_of(frames.begin(), frames.end(), [](const Frame& frame) {
    return frame.type == FrameType::kData && frame.payload == "ok";
  }));
}

TEST_F(Http2, IdleConnectionsHoldUpNoDrain) {
  Start({"--drain-timeout=1h"});
  kit::RawClient raw(gateway_->port());
  raw.Send(kit::Http2Greeting() + Get(1));
  raw.ReadUntil("ok");
  gateway_->process().Signal(SIGTERM);
  EXPECT_EQ(GoAwayError(ToEnd(raw)), 0u);
  EXPECT_EQ(gateway_->process().Wait(), 0) << gateway_->Stderr();
}

}  // namespace
}  // namespace tollgate
