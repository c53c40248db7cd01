// What stands behind a body: who gets it, and that no cache keeps such an answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/gateway.h"
#include "tests/kit/http2_frames.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr char kAnnounced[] =
    "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n0\r\nX-Sum: 6\r\nSet-Cookie: a=b\r\n\r\n";
constexpr char kUnannounced[] =
    "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n";

class TrailersOfAnswers : public testing::Test {
 protected:
  void SetUp() override {
    gateway_.WriteService("test", "upstream", upstream_.port()).Write("route.yaml", R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: cached, namespace: test}
spec:
  hosts: [a.example]
  access: Public
  rules:
  - name: all
    cache: {ttl: 1h}
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
)");
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  std::string Get(const std::string& lines = {}) {
    kit::RawClient raw(gateway_.port());
    raw.Send("GET / HTTP/1.1\r\nHost: a.example\r\n" + lines + "Connection: close\r\n\r\n");
    return raw.ReadToEnd(std::chrono::seconds(60));
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(TrailersOfAnswers, ReachACallerOfHttp11WhoTakesThem) {
  upstream_.SetAnswer(kAnnounced);
  const std::string answer = Get("TE: trailers\r\n");
  EXPECT_THAT(answer, HasSubstr("\r\nTrailer: X-Sum\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n"));
  EXPECT_THAT(upstream_.Complete().back().head, HasSubstr("\r\nTE: trailers\r\n"));
}

TEST_F(TrailersOfAnswers, StayBehindWhereTheCallerDoesNotTakeThem) {
  upstream_.SetAnswer(kAnnounced);
  const std::string answer = Get();
  EXPECT_THAT(answer, Not(HasSubstr("\r\nTrailer:")));
  EXPECT_THAT(answer, EndsWith("\r\n3\r\nabc\r\n0\r\n\r\n"));
}

TEST_F(TrailersOfAnswers, StayBehindWhereNobodyAnnouncedThem) {
  upstream_.SetAnswer(kUnannounced);
  EXPECT_THAT(Get("TE: trailers\r\n"), EndsWith("\r\n3\r\nabc\r\n0\r\n\r\n"));
}

TEST_F(TrailersOfAnswers, AlwaysReachACallerOfHttp2) {
  upstream_.SetAnswer(kUnannounced);
  kit::RawClient raw(gateway_.port());
  raw.Send(kit::Http2Greeting() + kit::ToBytes({kit::FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream,
                                                1, kit::HeaderBlock("a.example")}));
  // The head of a HEADERS frame of stream 1 with END_HEADERS and END_STREAM.
  const std::string last("\x01\x05\0\0\0\x01", 6);
  const std::string answer = raw.ReadUntil(last);
  EXPECT_THAT(answer, HasSubstr("abc"));
  EXPECT_THAT(answer, HasSubstr(last));
}

TEST_F(TrailersOfAnswers, AreNeverMissingFromACache) {
  for (const char* answer : {kAnnounced, kUnannounced}) {
    upstream_.Forget();
    upstream_.SetAnswer(answer);
    for (int i = 0; i < 2; ++i) EXPECT_THAT(Get("TE: trailers\r\n"), HasSubstr("\r\n3\r\nabc\r\n0\r\n"));
    EXPECT_EQ(upstream_.Complete().size(), 2u);
  }
}

}  // namespace
}  // namespace tollgate
