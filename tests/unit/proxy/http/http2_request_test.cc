#include "proxy/http/http2_request.h"

#include <gtest/gtest.h>

#include "proxy/http/message_reader.h"
#include "proxy/http/web_socket.h"

namespace tollgate::http {
namespace {

class Http2RequestTest : public testing::Test {
 protected:
  void Add(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    for (const auto& [name, value] : fields) request_.Add(name, value);
  }
  Http2Request request_;
};

TEST_F(Http2RequestTest, PseudoFieldsBecomeMethodTargetAndHost) {
  Add({{":method", "GET"}, {":scheme", "http"}, {":authority", "a.example:80"}, {":path", "/x?y=1"}});
  Add({{"accept", "*/*"}});
  request_.Finish(true);
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kNone);
  EXPECT_EQ(request_.head().method, "GET");
  EXPECT_EQ(request_.head().target, "/x?y=1");
  EXPECT_EQ(request_.head().fields.Value(KnownHeader::kHost), "a.example:80");
  EXPECT_EQ(request_.head().fields.Find("accept")->value, "*/*");
  EXPECT_EQ(request_.head().fields.size(), 2u);
  EXPECT_FALSE(request_.framing().has_body());
}

TEST_F(Http2RequestTest, AnExtendedConnectForAWebSocketBecomesAnUpgrade) {
  Add({{":method", "CONNECT"}, {":protocol", "websocket"}, {":path", "/x"}, {":authority", "a.example"}});
  Add({{"sec-websocket-version", "13"}, {"sec-websocket-key", "k"}});
  request_.Finish(false);
  EXPECT_EQ(request_.head().method, "GET");
  EXPECT_EQ(request_.head().target, "/x");
  EXPECT_EQ(request_.head().major_version, 2);
  EXPECT_TRUE(AsksForWebSocket(request_.head()));
  EXPECT_EQ(request_.head().fields.Find("sec-websocket-version")->value, "13");
  EXPECT_EQ(request_.head().fields.Find("sec-websocket-key"), nullptr);
  EXPECT_FALSE(request_.framing().has_body());
  EXPECT_FALSE(request_.ended());
}

TEST_F(Http2RequestTest, AnExtendedConnectForAnythingElseIsRefused) {
  Add({{":method", "CONNECT"}, {":protocol", "connect-udp"}, {":path", "/x"}, {":authority", "a.example"}});
  request_.Finish(false);
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kOtherProtocol);
  EXPECT_FALSE(AsksForWebSocket(request_.head()));
}

TEST_F(Http2RequestTest, HostAloneServesAsAuthority) {
  Add({{":method", "GET"}, {":path", "/"}, {"host", "a.example"}});
  request_.Finish(true);
  EXPECT_EQ(request_.head().fields.Value(KnownHeader::kHost), "a.example");
}

TEST_F(Http2RequestTest, HostThatEqualsTheAuthorityStandsOnce) {
  Add({{":method", "GET"}, {":authority", "a.example"}, {":path", "/"}, {"host", "a.example"}});
  request_.Finish(true);
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kNone);
  EXPECT_EQ(request_.head().fields.size(), 1u);
}

TEST_F(Http2RequestTest, HostThatDiffersFromTheAuthorityIsAFault) {
  Add({{":method", "GET"}, {":authority", "a.example"}, {":path", "/"}, {"host", "b.example"}});
  request_.Finish(true);
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kTwoAuthorities);
}

TEST_F(Http2RequestTest, PiecesOfCookieBecomeOneField) {
  Add({{":method", "GET"}, {":path", "/"}, {"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}});
  request_.Finish(true);
  EXPECT_EQ(request_.head().fields.Value(KnownHeader::kCookie), "a=1; b=2");
  EXPECT_EQ(request_.head().fields.size(), 2u);
}

TEST_F(Http2RequestTest, TheTargetOfConnectIsItsAuthority) {
  Add({{":method", "CONNECT"}, {":authority", "a.example:443"}});
  request_.Finish(false);
  EXPECT_EQ(request_.head().target, "a.example:443");
}

TEST_F(Http2RequestTest, BodyIsAsLongAsContentLengthSaysOrAsItTurnsOut) {
  Add({{":method", "POST"}, {":path", "/"}, {"content-length", "12"}});
  request_.Finish(false);
  EXPECT_EQ(request_.framing().kind, Framing::Kind::kLength);
  EXPECT_EQ(request_.framing().length, 12u);
  Http2Request open;
  open.Add(":method", "POST");
  open.Finish(false);
  EXPECT_EQ(open.framing().kind, Framing::Kind::kChunked);
}

TEST_F(Http2RequestTest, TooManyBytesAreAFault) {
  const std::string large(kMaxHeadBytes / 4, 'a');
  Add({{":method", "GET"}, {":path", "/"}, {"a", large}, {"b", large}, {"c", large}});
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kNone);
  Add({{"d", large}});
  request_.Finish(true);
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kTooLarge);
  EXPECT_EQ(request_.head().method, "GET") << "for the log";
}

TEST_F(Http2RequestTest, CookiesCountToo) {
  const std::string large(kMaxHeadBytes / 4, 'a');
  for (int i = 0; i < 5; ++i) request_.Add("cookie", large);
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kTooLarge);
}

TEST_F(Http2RequestTest, TooManyFieldsAreAFault) {
  for (size_t i = 0; i < Fields::kMax - 2; ++i) request_.Add("a", "b");
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kNone);
  request_.Add("a", "b");
  EXPECT_EQ(request_.fault(), Http2Request::Fault::kTooLarge);
}

}  // namespace
}  // namespace tollgate::http
