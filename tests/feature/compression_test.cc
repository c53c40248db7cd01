// Compressed answers, as clients decode them that others wrote.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/shell.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kRoute[] = R"(apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: route, namespace: test}
spec:
  hosts: [a.example]
  access: Public
  rules:
  - name: all
    response: {compress: [Brotli, Gzip, Zstd]}
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
  - name: stored
    matches: [{path: {type: Prefix, value: /stored}}]
    response: {compress: [Gzip]}
    cache: {ttl: 1h}
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
  - name: own
    matches: [{path: {type: Exact, value: /own}}]
    type: Respond
    respond: {status: 200, headers: [{name: Content-Type, value: text/plain}], body: "OWN"}
    response: {compress: [Gzip]}
)";

std::string Lines(size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

std::string Answer(const std::string& fields, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

class Compressed : public testing::Test {
 protected:
  void SetUp() override {
    upstream_.SetAnswer(Answer("Content-Type: text/plain\r\nETag: \"one\"\r\n", text_));
    gateway_.WriteService("test", "upstream", upstream_.port());
    std::string route = kRoute;
    route.replace(route.find("OWN"), 3, own_);
    gateway_.Write("route.yaml", route);
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  // A command that asks, and what it says.
  std::string Curl(const std::string& flags, const std::string& path = "/") {
    return "curl -sS -H 'Host: a.example' " + flags + " http://127.0.0.1:" + std::to_string(gateway_.port()) +
           path;
  }
  std::string Get(const std::string& flags, const std::string& path = "/") {
    return kit::Shell(Curl(flags, path)).out;
  }
  std::string Head(const std::string& flags, const std::string& path = "/") {
    return Get("-o /dev/null -D - " + flags, path);
  }

  const std::string text_ = Lines(300'000);
  const std::string own_ = std::string(3000, 'o');
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(Compressed, ClientsGetTheBodyThatTheUpstreamSent) {
  const std::string compressed = Head("--compressed");
  EXPECT_THAT(compressed, AllOf(HasSubstr("Content-Encoding: "), HasSubstr("ETag: W/\"one\""),
                                HasSubstr("Vary: Accept-Encoding"), Not(HasSubstr("Content-Length"))));
  EXPECT_EQ(Get("--compressed"), text_);
  EXPECT_EQ(Get(""), text_);
  EXPECT_THAT(Head(""),
              AllOf(HasSubstr("Content-Length: " + std::to_string(text_.size())), HasSubstr("ETag: \"one\""),
                    HasSubstr("Vary: Accept-Encoding"), Not(HasSubstr("Content-Encoding"))));
}

TEST_F(Compressed, EachCodingIsReadByItsOwnProgramOverEachProtocol) {
  for (const char* protocol : {"--http1.1", "--http1.0", "--http2-prior-knowledge"}) {
    for (const char* program : {"gzip", "br", "zstd"}) {
      const std::string decoder = program == std::string("br") ? "brotli" : program;
      const std::string ask = Curl(std::string(protocol) + " -H 'Accept-Encoding: " + program + "'");
      EXPECT_EQ(kit::Shell(ask + " | " + decoder + " -dc").out, text_) << protocol << ' ' << program;
      EXPECT_LT(kit::Shell(ask + " | wc -c").out.size(), 7U);
    }
  }
}

TEST_F(Compressed, AStoredAnswerIsCompressedForThoseWhoWantIt) {
  EXPECT_EQ(Get("", "/stored"), text_);
  EXPECT_EQ(Get("--compressed", "/stored"), text_);
  EXPECT_EQ(Get("", "/stored"), text_);
  EXPECT_THAT(Head("-H 'Accept-Encoding: gzip'", "/stored"),
              AllOf(HasSubstr("Content-Encoding: gzip"), HasSubstr("ETag: W/\"one\""), HasSubstr("hit")));
  EXPECT_EQ(upstream_.Complete().size(), 1U);
}

TEST_F(Compressed, OfAShortStoredAnswerTheLengthIsKnown) {
  const std::string text = Lines(20'000);
  upstream_.SetAnswer(Answer("Content-Type: text/plain\r\n", text));
  EXPECT_EQ(Get("--compressed", "/stored"), text);
  EXPECT_EQ(Get("--compressed", "/stored"), text);
  EXPECT_THAT(Head("--compressed", "/stored"),
              AllOf(HasSubstr("Content-Encoding: gzip"), HasSubstr("Content-Length: "), HasSubstr("hit")));
}

TEST_F(Compressed, WhoHasItIsToldSo) {
  EXPECT_EQ(Get("", "/stored"), text_);
  EXPECT_THAT(Head("-H 'Accept-Encoding: gzip' -H 'If-None-Match: W/\"one\"'", "/stored"),
              AllOf(HasSubstr("304"), HasSubstr("ETag: W/\"one\""), HasSubstr("Vary: Accept-Encoding")));
}

TEST_F(Compressed, WhatARuleAnswersIsCompressedToo) {
  EXPECT_EQ(Get("--compressed", "/own"), own_);
  EXPECT_EQ(Get("", "/own"), own_);
  const std::string head = Head("--compressed", "/own");
  EXPECT_THAT(head, AllOf(HasSubstr("Content-Encoding: gzip"), HasSubstr("Content-Length: ")));
}

TEST_F(Compressed, WhatIsEncodedOrAStreamOfEventsGoesAsItIs) {
  for (const char* fields :
       {"Content-Type: text/plain\r\nContent-Encoding: x-own\r\n", "Content-Type: text/event-stream\r\n",
        "Content-Type: image/png\r\n", "Content-Type: text/plain\r\nCache-Control: no-transform\r\n"}) {
    upstream_.SetAnswer(Answer(fields, text_));
    EXPECT_EQ(Get("-H 'Accept-Encoding: gzip, br, zstd'"), text_) << fields;
  }
}

// Each piece is handed on when it comes, though there may be more.
TEST_F(Compressed, AStreamIsNotHeldBack) {
  upstream_.AnswerNext(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
  kit::RawClient client(gateway_.port());
  client.Send("GET / HTTP/1.1\r\nHost: a.example\r\nAccept-Encoding: gzip\r\n\r\n");
  // The end of a block that stands in the middle of a body (RFC 1951, section 3.2.4).
  const std::string got = client.ReadUntil(std::string("\x00\x00\xff\xff\r\n", 6));
  EXPECT_THAT(got, AllOf(HasSubstr("Content-Encoding: gzip"), HasSubstr("Transfer-Encoding: chunked"),
                         HasSubstr(std::string("\x00\x00\xff\xff\r\n", 6))));
}

TEST_F(Compressed, WhatCameBeforeABreakIsRead) {
  for (const char* coding : {"gzip", "br", "zstd"}) {
    upstream_.AnswerNext(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n",
        kit::RecordingUpstream::Then::kClose);
    EXPECT_EQ(Get(std::string("--compressed -N -s -H 'Accept-Encoding: ") + coding + "' 2>/dev/null"),
              "first")
        << coding;
  }
}

// Of many small chunks that came together one piece is made.
TEST_F(Compressed, SmallChunksAreGathered) {
  std::string chunks;
  for (int i = 0; i < 500; ++i) chunks += "6\r\n" + std::to_string(100'000 + i) + "\r\n";
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
  upstream_.SetAnswer(answer + chunks + "0\r\n\r\n");
  const std::string size = kit::Shell(Curl("-H 'Accept-Encoding: gzip'") + " | wc -c").out;
  EXPECT_LT(std::stoi(size), 2000);  // each by itself takes 10 bytes and more
  EXPECT_EQ(Get("--compressed").substr(0, 12), "100000100001");
}

// What was cut off upstream is cut off for the caller, too.
TEST_F(Compressed, ABodyThatBreaksOffHasNoEnd) {
  upstream_.AnswerNext(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n" + Lines(2000),
      kit::RecordingUpstream::Then::kClose);
  const kit::Said said = kit::Shell(Curl("--compressed -o /dev/null"));
  EXPECT_NE(said.code, 0) << said.out;
}

}  // namespace
}  // namespace tollgate
