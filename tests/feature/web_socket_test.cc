// WebSockets: what of an opening goes on to the upstream, what becomes of the bytes behind it, and how it
// ends. What clients that others wrote see is in tests/conformance/websocket.py.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "tests/feature/limited_plan.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/http2_frames.h"
#include "tests/kit/raw_server.h"
#include "tests/kit/shell.h"

namespace tollgate {
namespace {

using kit::Frame;
using kit::FrameType;
using kit::ToBytes;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr char kOpening[] =
    "GET /chat?room=1 HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: "
    "websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
constexpr char kOpened[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
constexpr char kHeadEnd[] = "\r\n\r\n";

class WebSocket : public testing::Test {
 protected:
  // `upstream`: what the rule's block says besides its targets.
  void Start(const std::string& protocols = "{webSocket: true}", const std::string& upstream = "",
             const std::vector<std::string>& flags = {}) {
    std::string route = kit::PublicRoute("a.example");
    route.insert(route.rfind("    upstream:"), "    protocols: " + protocols + "\n");
    route.insert(route.rfind("}\n"), upstream);
    gateway_.WriteService("test", "upstream", upstream_.port()).Write("route.yaml", route);
    ASSERT_TRUE(gateway_.Start(flags)) << gateway_.Stderr();
  }
  // Opens one; what the upstream was sent stands in asked_, what the caller was answered in answered_.
  void Open(const std::string& opened = kOpened) {
    caller_ = std::make_unique<kit::RawClient>(gateway_.port());
    caller_->Send(kOpening);
    server_ = upstream_.Accept();
    asked_ = server_->ReadUntil(kHeadEnd);
    server_->Send(opened);
    answered_ = caller_->ReadUntil(kHeadEnd);
  }
  // The log's line of the only request.
  nlohmann::json Line() {
    std::vector<nlohmann::json> lines;
    EXPECT_TRUE(kit::Eventually([&] { return !(lines = LogLines(gateway_.AccessLog())).empty(); }));
    return lines.empty() ? nlohmann::json::object() : lines.front();
  }

  kit::RawServer upstream_;
  kit::Gateway gateway_;
  std::unique_ptr<kit::RawClient> caller_;
  std::unique_ptr<kit::RawClient> server_;
  std::string asked_;
  std::string answered_;
};

TEST_F(WebSocket, TheOpeningGoesOnAndTheAnswerComesBack) {
  Start();
  Open();
  EXPECT_THAT(asked_, AllOf(HasSubstr("GET /chat?room=1 HTTP/1.1\r\n"), HasSubstr("Connection: Upgrade\r\n"),
                            HasSubstr("Upgrade: websocket\r\n"), HasSubstr("Sec-WebSocket-Version: 13\r\n"),
                            HasSubstr("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
                            HasSubstr("X-Forwarded-For: 127.0.0.1\r\n")));
  EXPECT_THAT(answered_, AllOf(HasSubstr("HTTP/1.1 101 Switching Protocols\r\n"),
                               HasSubstr("Connection: Upgrade\r\n"), HasSubstr("Upgrade: websocket\r\n"),
                               HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
                               HasSubstr("X-Request-Id: "), Not(HasSubstr("Content-Length")),
                               Not(HasSubstr("Transfer-Encoding"))));
}

TEST_F(WebSocket, BytesGoThroughBothWaysUntilBothHaveEnded) {
  Start();
  Open(std::string(kOpened) + "at once");
  if (!answered_.ends_with("once")) answered_ += caller_->ReadUntil("once");
  EXPECT_THAT(answered_, EndsWith("\r\n\r\nat once"));
  caller_->Send("GET / HTTP/1.1\r\n\r\n");  // bytes as others
  EXPECT_EQ(server_->ReadUntil(kHeadEnd), "GET / HTTP/1.1\r\n\r\n");
  caller_->FinishSending();
  EXPECT_EQ(server_->ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(server_->closed_by_peer());
  server_->Send("late");
  EXPECT_EQ(caller_->ReadUntil("late"), "late");
  server_.reset();
  EXPECT_EQ(caller_->ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(caller_->closed_by_peer());
  const nlohmann::json line = Line();
  EXPECT_EQ(line["status"], 101);
  EXPECT_EQ(line["requestBytes"], 18);
  EXPECT_EQ(line["responseBytes"], 11);
  EXPECT_EQ(line.value("reason", ""), "");
}

TEST_F(WebSocket, AnUpstreamThatGoesTakesItsCallerAlong) {
  Start();
  Open();
  server_->Reset();
  EXPECT_EQ(caller_->ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(caller_->closed_by_peer());
  EXPECT_EQ(Line()["reason"], "tunnel-upstream-gone");
}

TEST_F(WebSocket, ACallerWhoGoesTakesItsUpstreamAlong) {
  Start();
  Open();
  caller_->Reset();
  server_->ReadToEnd(std::chrono::seconds(60));
  EXPECT_TRUE(server_->closed_by_peer());
  EXPECT_EQ(Line()["reason"], "downstream-gone");
}

TEST_F(WebSocket, OneThatNeitherSideUsesIsEnded) {
  Start("{webSocket: true}", ", timeouts: {idle: 500ms}");
  Open();
  EXPECT_EQ(caller_->ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(caller_->closed_by_peer());
  EXPECT_EQ(server_->ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_EQ(Line()["reason"], "tunnel-idle");
}

// Whoever sends keeps the other side's silence from counting.
TEST_F(WebSocket, OneThatASingleSideUsesGoesOn) {
  Start("{webSocket: true}", ", timeouts: {idle: 2s}");
  Open();
  const auto enough = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < enough) {
    server_->Send("x");
    ASSERT_EQ(caller_->ReadUntil("x"), "x");
  }
  EXPECT_FALSE(caller_->closed_by_peer());
}

TEST_F(WebSocket, AnotherAnswerIsOneAsOthersAre) {
  Start();
  Open("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_THAT(answered_, AllOf(HasSubstr("HTTP/1.1 403 Forbidden\r\n"), Not(HasSubstr("Upgrade"))));
  caller_->Send("GET /next HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_THAT(server_->ReadUntil(kHeadEnd), HasSubstr("GET /next HTTP/1.1\r\n"));
}

TEST_F(WebSocket, ASwitchToSomethingElseIsNotHandedOn) {
  Start();
  Open("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n");
  EXPECT_THAT(answered_, HasSubstr("HTTP/1.1 502 "));
  EXPECT_EQ(Line()["reason"], "switched-otherwise");
}

TEST_F(WebSocket, WithoutTheFieldTheRequestIsOneAsOthersAre) {
  Start("{}");
  Open("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_THAT(asked_, AllOf(HasSubstr("GET /chat?room=1 HTTP/1.1\r\n"), Not(HasSubstr("Upgrade"))));
  EXPECT_THAT(answered_, HasSubstr("HTTP/1.1 200 OK\r\n"));
}

TEST_F(WebSocket, ADrainCutsItAtItsLimitAndSaysSo) {
  Start("{webSocket: true}", "", {"--drain-timeout=300ms"});
  Open();
  gateway_.process().Signal(SIGTERM);
  EXPECT_EQ(gateway_.process().Wait(), 0);
  EXPECT_EQ(Line()["reason"], "drain-cut");
  EXPECT_THAT(gateway_.Stderr(), HasSubstr("connections were cut at the end of the drain"));
}

// Entries of HPACK without any table (RFC 7541, section 6.2.2).
std::string Block(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block += '\0';
    block.append(1, static_cast<char>(name.size())).append(name);
    block.append(1, static_cast<char>(value.size())).append(value);
  }
  return block;
}

std::string ExtendedConnect(const std::string& protocol) {
  return ToBytes({FrameType::kHeaders, kit::kEndHeaders, 1,
                  Block({{":method", "CONNECT"},
                         {":protocol", protocol},
                         {":scheme", "http"},
                         {":path", "/chat"},
                         {":authority", "a.example"},
                         {"sec-websocket-version", "13"},
                         {"sec-websocket-key", "not-to-be-used"}})});
}

class WebSocketOverHttp2 : public WebSocket {
 protected:
  void Ask(const std::string& protocol = "websocket") {
    caller_ = std::make_unique<kit::RawClient>(gateway_.port());
    caller_->Send(kit::Http2Greeting() + ExtendedConnect(protocol));
  }
  // The value of a field of what the upstream was asked.
  std::string Asked(const std::string& name) const {
    const size_t at = asked_.find(name + ": ");
    if (at == std::string::npos) return "";
    const size_t begin = at + name.size() + 2;
    return asked_.substr(begin, asked_.find("\r\n", begin) - begin);
  }
  // The answer that proves to have read the key.
  std::string Proof() const {
    const std::string command = "printf %s " + Asked("Sec-WebSocket-Key") +
                                "258EAFA5-E914-47DA-95CA-C5AB0DC85B11 | openssl dgst -sha1 -binary | base64";
    std::string accept = kit::Shell(command).out;
    accept.resize(accept.find('\n'));
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           accept + "\r\n\r\n";
  }
  void OpenWith(const std::function<std::string()>& answer) {
    Ask();
    server_ = upstream_.Accept();
    asked_ = server_->ReadUntil(kHeadEnd);
    server_->Send(answer());
  }
};

TEST_F(WebSocketOverHttp2, AnExtendedConnectBecomesAnUpgrade) {
  Start();
  OpenWith([this] { return Proof() + "down"; });
  EXPECT_THAT(asked_, AllOf(HasSubstr("GET /chat HTTP/1.1\r\n"), HasSubstr("Host: a.example\r\n"),
                            HasSubstr("Connection: Upgrade\r\n"), HasSubstr("Upgrade: websocket\r\n"),
                            HasSubstr("sec-websocket-version: 13\r\n"), Not(HasSubstr("not-to-be-used"))));
  EXPECT_EQ(Asked("Sec-WebSocket-Key").size(), 24U);
  std::vector<Frame> frames = kit::ReadFrames(caller_->ReadUntil("down"));
  const auto headers = std::find_if(frames.begin(), frames.end(),
                                    [](const Frame& f) { return f.type == FrameType::kHeaders; });
  ASSERT_NE(headers, frames.end());
  EXPECT_EQ(headers->payload.front(), '\x88');  // ":status: 200" of the static table
  EXPECT_THAT(headers->payload, Not(HasSubstr("sec-websocket-accept")));
  EXPECT_EQ(frames.back().payload, "down");
  caller_->Send(ToBytes({FrameType::kData, 0, 1, "up"}));
  EXPECT_EQ(server_->ReadUntil("up"), "up");
  caller_->Send(ToBytes({FrameType::kData, kit::kEndStream, 1, ""}));
  EXPECT_EQ(server_->ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(server_->closed_by_peer());
  server_.reset();
  EXPECT_EQ(Line()["status"], 101);
}

// As over HTTP/1.1: each side ends when it has said all it has to say.
TEST_F(WebSocketOverHttp2, AnUpstreamThatEndsItsSideGoesOnListening) {
  Start();
  OpenWith([this] { return Proof() + "down"; });
  (void)caller_->ReadUntil("down");
  server_->FinishSending();
  const std::string end = ToBytes({FrameType::kData, kit::kEndStream, 1, ""});
  EXPECT_THAT(caller_->ReadUntil(end), EndsWith(end));
  // Longer than a request that nobody wants is heard.
  const auto enough = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < enough) {
    caller_->Send(ToBytes({FrameType::kData, 0, 1, "x"}));
    ASSERT_EQ(server_->ReadUntil("x"), "x");
  }
  caller_->Send(end);
  EXPECT_EQ(server_->ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(server_->closed_by_peer());
  EXPECT_EQ(Line().value("reason", ""), "");
}

TEST_F(WebSocketOverHttp2, TheSettingsSayThatItCanBeAskedFor) {
  Start();
  Ask("unknown");
  const std::string enabled("\x00\x08\x00\x00\x00\x01", 6);  // SETTINGS_ENABLE_CONNECT_PROTOCOL
  EXPECT_THAT(caller_->ReadUntil(enabled), HasSubstr(enabled));
  EXPECT_EQ(Line()["problem"], "not-implemented");
}

TEST_F(WebSocketOverHttp2, AnUpstreamThatDoesNotProveItselfIsNone) {
  Start();
  OpenWith([] { return kOpened; });
  EXPECT_EQ(Line()["reason"], "switched-otherwise");
}

// It would tell the caller that the tunnel is open.
TEST_F(WebSocketOverHttp2, ASuccessThatIsNoSwitchIsNotHandedOn) {
  Start();
  OpenWith([] { return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"; });
  const nlohmann::json line = Line();
  EXPECT_EQ(line["status"], 502);
  EXPECT_EQ(line["reason"], "not-switched");
}

TEST_F(WebSocketOverHttp2, WithoutTheFieldItIsRefused) {
  Start("{}");
  Ask();
  const nlohmann::json line = Line();
  EXPECT_EQ(line["status"], 501);
  EXPECT_EQ(line["reason"], "web-socket-not-allowed");
}

}  // namespace
}  // namespace tollgate
