// Requests over HTTP/2 to an upstream whose frames the test writes.
#include "proxy/forward/http2_upstream.h"

#include <gmock/gmock.h>

#include <atomic>

#include "proxy/forward/request_body.h"
#include "tests/kit/eventually.h"
#include "tests/kit/http2_upstream.h"
#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using http::Framing;
using kit::AnswerHead;
using kit::Frame;
using kit::FrameType;
using kit::ToBytes;
using ::testing::ElementsAre;

bool EndsRequest(const Frame& frame) {
  const bool carries = frame.type == FrameType::kHeaders || frame.type == FrameType::kData;
  return carries && (frame.flags & kit::kEndStream) != 0;
}
std::string Data(uint32_t stream, const std::string& data, uint8_t flags = kit::kEndStream) {
  return ToBytes({FrameType::kData, flags, stream, data});
}
std::string Setting(uint8_t name, uint32_t value) {
  return ToBytes(
      {FrameType::kSettings, 0, 0, std::string(1, '\0') + static_cast<char>(name) + kit::Uint32(value)});
}
std::string Ok(size_t, const Frame& frame) {
  return EndsRequest(frame) ? AnswerHead(frame.stream) + Data(frame.stream, "ok") : "";
}

class Http2UpstreamTest : public ForwarderFixture {
 protected:
  void Use(const kit::Http2Upstream& upstream) {
    builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(static_cast<uint32_t>(upstream.port()));
    api::Target& target = *builder_.Route("a/route").mutable_rules(0)->mutable_targets(0);
    target.set_protocol(api::Target::HTTP2);
    limits().set_connections(1'024);
    limits().set_pending(1'024);
    timeouts().set_connect_ms(30'000);
  }
  // Once the upstream has seen the request.
  io::Task<void> Leave(kit::TestExchange& x, const std::atomic<bool>& seen) {
    while (!seen || !x.downstream().watched()) {
      io::Loop::Sleeper pause = loop_.Sleep(std::chrono::milliseconds(10));
      co_await pause;
    }
    x.downstream().GoAway();
  }
};

TEST_F(Http2UpstreamTest, AnAnswerIsHandedOnWithItsTrailers) {
  kit::Http2Upstream upstream([](size_t, const Frame& frame) -> std::string {
    if (!EndsRequest(frame)) return "";
    const std::string trailer = std::string(1, '\0') + "\x05x-sum" + "\x01" + "6";
    return AnswerHead(frame.stream) + Data(frame.stream, "abc", 0) +
           ToBytes({FrameType::kHeaders, kit::kEndHeaders | kit::kEndStream, frame.stream, trailer});
  });
  Use(upstream);
  kit::TestExchange get("GET", "/a?b=c");
  Forward(get);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(get.downstream().status(), 200);
  EXPECT_EQ(get.downstream().body(), "abc");
  EXPECT_EQ(get.downstream().trailers(), "x-sum: 6\n");
  EXPECT_TRUE(get.downstream().complete());
  EXPECT_TRUE(observer().has_trailers);
}

TEST_F(Http2UpstreamTest, RequestsShareAConnection) {
  kit::Http2Upstream upstream(Ok);
  Use(upstream);
  kit::TestExchange a("GET", "/");
  kit::TestExchange b("GET", "/");
  kit::TestExchange c("GET", "/");
  ForwardTogether({&a, &b}, c);
  EXPECT_THAT(outcomes(), ElementsAre("sent", "sent", "sent"));
  EXPECT_EQ(upstream.accepted(), 1U);
}

// The upstream gives room for ten bytes at a time.
TEST_F(Http2UpstreamTest, ASlowUpstreamGetsTheBodyAsItMakesRoom) {
  std::string body;
  std::atomic<size_t> largest = 0;
  kit::Http2Upstream upstream(
      [&](size_t, const Frame& frame) -> std::string {
        if (frame.type != FrameType::kData) return "";
        body += frame.payload;
        largest = std::max<size_t>(largest, frame.payload.size());
        if (EndsRequest(frame)) return AnswerHead(frame.stream, kit::kEndStream);
        const std::string more = kit::Uint32(static_cast<uint32_t>(frame.payload.size()));
        return ToBytes({FrameType::kWindowUpdate, 0, frame.stream, more});
      },
      Setting(4, 10));
  Use(upstream);
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kChunked, 0}, {std::string(35, 'a'), std::string(17, 'b')});
  Forward(post);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(body, std::string(35, 'a') + std::string(17, 'b'));
  EXPECT_LE(largest, 10U);
}

TEST_F(Http2UpstreamTest, ARefusedRequestIsSentAgainWithItsBody) {
  std::string body;
  int refusals = 2;
  kit::Http2Upstream upstream([&](size_t, const Frame& frame) -> std::string {
    if (frame.type == FrameType::kHeaders) body.clear();
    if (frame.type == FrameType::kData) body += frame.payload;
    if (!EndsRequest(frame)) return "";
    if (refusals-- > 0) return ToBytes({FrameType::kReset, 0, frame.stream, kit::Uint32(7)});
    return Ok(0, frame);
  });
  Use(upstream);
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kChunked, 0}, {"hel", "lo"});
  Forward(post);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(post.downstream().body(), "ok");
  EXPECT_EQ(body, "hello");
}

TEST_F(Http2UpstreamTest, ABodyThatIsTooLongToKeepIsNotSentAgain) {
  std::atomic<int> asked = 0;
  kit::Http2Upstream upstream([&](size_t, const Frame& frame) -> std::string {
    if (frame.type == FrameType::kHeaders) ++asked;
    if (frame.type == FrameType::kData) {
      const std::string more = kit::Uint32(static_cast<uint32_t>(frame.payload.size()));
      if (!EndsRequest(frame))
        return ToBytes({FrameType::kWindowUpdate, 0, frame.stream, more}) +
               ToBytes({FrameType::kWindowUpdate, 0, 0, more});
    }
    return EndsRequest(frame) ? ToBytes({FrameType::kReset, 0, frame.stream, kit::Uint32(7)}) : "";
  });
  Use(upstream);
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kChunked, 0}, {std::string(RequestBody::kMostKept, 'a'), "b"});
  Forward(post);
  EXPECT_EQ(outcome(), "upstream-reset/refused-stream");
  EXPECT_EQ(asked, 1);
}

TEST_F(Http2UpstreamTest, WhoAlwaysRefusesIsAskedFourTimes) {
  std::atomic<int> asked = 0;
  kit::Http2Upstream upstream([&](size_t, const Frame& frame) -> std::string {
    if (!EndsRequest(frame)) return "";
    ++asked;
    return ToBytes({FrameType::kReset, 0, frame.stream, kit::Uint32(7)});
  });
  Use(upstream);
  kit::TestExchange get("GET", "/");
  Forward(get);
  EXPECT_EQ(outcome(), "upstream-reset/refused-stream");
  EXPECT_EQ(asked, 4);
}

TEST_F(Http2UpstreamTest, WhatAGoAwayLeavesOutIsSentAgain) {
  kit::Http2Upstream upstream([](size_t connection, const Frame& frame) -> std::string {
    if (!EndsRequest(frame)) return "";
    if (connection > 0 || frame.stream == 1) return Ok(0, frame);
    return ToBytes({FrameType::kGoAway, 0, 0, kit::Uint32(1) + kit::Uint32(0)});
  });
  Use(upstream);
  kit::TestExchange first("GET", "/");
  kit::TestExchange second("POST", "/");
  kit::TestExchange third("GET", "/");
  Forward({&first, &second, &third});
  EXPECT_THAT(outcomes(), ElementsAre("sent", "sent", "sent"));
  EXPECT_EQ(upstream.accepted(), 2U);
}

TEST_F(Http2UpstreamTest, AnotherResetIsAFailure) {
  kit::Http2Upstream upstream([](size_t, const Frame& frame) {
    return EndsRequest(frame) ? ToBytes({FrameType::kReset, 0, frame.stream, kit::Uint32(2)}) : std::string();
  });
  Use(upstream);
  kit::TestExchange get("GET", "/");
  Forward(get);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
}

TEST_F(Http2UpstreamTest, OneStreamAtATimeWhereTheUpstreamTakesNoMore) {
  kit::Http2Upstream upstream(Ok, Setting(3, 1));
  Use(upstream);
  limits().set_connections(1);
  kit::TestExchange a("GET", "/");
  kit::TestExchange b("GET", "/");
  kit::TestExchange c("GET", "/");
  kit::TestExchange d("GET", "/");
  ForwardTogether({&a, &b, &c}, d);
  EXPECT_THAT(outcomes(), ElementsAre("sent", "sent", "sent", "sent"));
  EXPECT_EQ(upstream.accepted(), 1U);
}

// Each answer waits for the other request.
TEST_F(Http2UpstreamTest, MoreConnectionsWhereOneIsFull) {
  std::atomic<int> asked = 0;
  kit::Http2Upstream upstream(
      [&](size_t, const Frame& frame) -> std::string {
        if (!EndsRequest(frame)) return "";
        ++asked;
        return kit::Eventually([&] { return asked >= 2; }) ? Ok(0, frame) : "";
      },
      Setting(3, 1));
  Use(upstream);
  kit::TestExchange a("GET", "/");
  kit::TestExchange b("GET", "/");
  kit::TestExchange c("GET", "/");
  timeouts().set_connect_ms(70'000);  // longer than a test may take: none waits for it
  ForwardTogether({&a, &b}, c);
  EXPECT_THAT(outcomes(), ElementsAre("sent", "sent", "sent"));
  EXPECT_EQ(upstream.accepted(), 2U);
}

TEST_F(Http2UpstreamTest, ACallerWhoLeavesEndsItsStream) {
  std::atomic<uint32_t> cancelled = 0;
  std::atomic<bool> seen = false;
  kit::TestExchange get("GET", "/");
  kit::Http2Upstream upstream([&](size_t, const Frame& frame) -> std::string {
    if (frame.type == FrameType::kReset) cancelled = kit::ToUint32(frame.payload);
    if (EndsRequest(frame)) seen = true;
    return frame.stream > 1 ? Ok(0, frame) : "";
  });
  Use(upstream);
  Start(Leave(get, seen));
  kit::TestExchange next("GET", "/");
  Forward({&get, &next});
  EXPECT_THAT(outcomes(), ElementsAre("upstream-reset/closed-before-answer", "sent"));
  EXPECT_EQ(cancelled, 8U);
  EXPECT_EQ(upstream.accepted(), 1U);
}

TEST_F(Http2UpstreamTest, ACallerWhoLeavesWhileItWaitsForRoomIsNotServed) {
  std::atomic<bool> seen = false;
  std::atomic<int> heads = 0;
  kit::Http2Upstream upstream(
      [&](size_t, const Frame& frame) -> std::string {
        if (frame.type != FrameType::kHeaders) return "";
        seen = true;
        return ++heads == 1 ? "" : Ok(0, frame);
      },
      Setting(3, 1));
  Use(upstream);
  limits().set_connections(1);
  timeouts().set_first_byte_ms(300);
  retry().set_attempts(0);
  kit::TestExchange silent("GET", "/");
  kit::TestExchange left("GET", "/");
  kit::TestExchange last("GET", "/");
  Start(Leave(left, seen));
  ForwardTogether({&silent, &left}, last);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(heads, 2) << "of those who did not leave";
}

TEST_F(Http2UpstreamTest, WhoDoesNotSpeakItCannotBeReached) {
  // The fixture's own upstream.
  OnConnection({{kHello, "\r\n\r\n", true}});
  api::Target& target = *builder_.Route("a/route").mutable_rules(0)->mutable_targets(0);
  target.set_protocol(api::Target::HTTP2);
  timeouts().set_connect_ms(30'000);
  kit::TestExchange get("GET", "/");
  Forward(get);
  EXPECT_EQ(outcome(), "upstream-connect/no-http2");
}

TEST_F(Http2UpstreamTest, ALostConnectionCutsTheAnswer) {
  kit::Http2Upstream upstream([](size_t, const Frame& frame) -> std::string {
    // A frame that is larger than any may be: the connection is beyond repair.
    return EndsRequest(frame) ? AnswerHead(frame.stream) + Data(frame.stream, "some", 0) +
                                    std::string("\xff\xff\xff\0\0\0\0\0\1", 9)
                              : "";
  });
  Use(upstream);
  kit::TestExchange get("GET", "/");
  Forward(get);
  EXPECT_EQ(get.downstream().status(), 200);
  EXPECT_TRUE(get.downstream().aborted());
}

}  // namespace
}  // namespace tollgate::forward
