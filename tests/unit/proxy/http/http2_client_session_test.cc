#include "proxy/http/http2_client_session.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "tests/kit/http2_frames.h"

namespace tollgate::http {
namespace {

using kit::FrameType;
using kit::ToBytes;

// A client's session, and a peer that the test plays by frames.
class Http2ClientSessionTest : public testing::Test, protected Http2ClientObserver {
 protected:
  // Our settings count once the peer has acknowledged them.
  void SetUp() override {
    sent_ = Take();
    ASSERT_TRUE(Receive(ToBytes({FrameType::kSettings}) + ToBytes({FrameType::kSettings, kit::kAck})));
  }

  bool Receive(const std::string& bytes) { return session_.Receive(bytes, SteadyNow()); }
  StreamId Ask(bool has_body = false) {
    Http2RequestHead head;
    head.Begin("GET", "http", "a.example", "/a", "b=c", true);
    head.Field("X-Upper", "Value");
    const StreamId stream = session_.Submit(head, has_body);
    sent_ += Take();
    return stream;
  }
  std::string Take() {
    std::string bytes(200'000, '\0');
    bytes.resize(session_.Take(bytes));
    return bytes;
  }
  // HEADERS with a literal that no table keeps each (RFC 7541, section 6.2.2).
  static std::string Literal(const std::string& name, const std::string& value) {
    return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) +
           value;
  }
  static std::string Head(StreamId stream, const std::string& block, uint8_t flags = 0) {
    const auto all = static_cast<uint8_t>(kit::kEndHeaders | flags);
    return ToBytes({FrameType::kHeaders, all, static_cast<uint32_t>(stream), block});
  }
  static std::string Data(StreamId stream, const std::string& data, uint8_t flags = 0) {
    return ToBytes({FrameType::kData, flags, static_cast<uint32_t>(stream), data});
  }
  bool Sent(FrameType type) {
    sent_ += Take();
    for (const kit::Frame& frame : kit::ReadFrames(std::string_view(sent_).substr(24))) {
      if (frame.type == type) return true;
    }
    return false;
  }

  void OnSettings() override { ++greetings_; }
  void OnInterim(StreamId, std::unique_ptr<Http2Answer> answer) override {
    interims_.push_back(std::move(answer));
  }
  void OnAnswer(StreamId stream, std::unique_ptr<Http2Answer> answer) override {
    answers_[stream] = std::move(answer);
  }
  void OnBody(StreamId stream, std::string_view data) override { bodies_[stream] += data; }
  void OnTrailers(StreamId, std::unique_ptr<Trailers> trailers) override { trailers_ = std::move(trailers); }
  void OnBodyEnd(StreamId) override { ++ended_; }
  Outgoing Body(StreamId) override { return {body_, last_}; }
  void OnTaken(StreamId, size_t bytes) override { body_.erase(0, bytes); }
  void OnClosed(StreamId stream, Http2StreamEnd end) override { closed_[stream] = end; }

  static constexpr char kOk[] = "\x88";  // :status 200
  std::string sent_;
  std::string body_;
  bool last_ = true;
  int greetings_ = 0;
  int ended_ = 0;
  std::vector<std::unique_ptr<Http2Answer>> interims_;
  std::map<StreamId, std::unique_ptr<Http2Answer>> answers_;
  std::map<StreamId, std::string> bodies_;
  std::map<StreamId, Http2StreamEnd> closed_;
  std::unique_ptr<Trailers> trailers_;
  Http2ClientSession session_{*this};
};

TEST_F(Http2ClientSessionTest, AnAnswerComesWithBodyAndTrailers) {
  EXPECT_EQ(greetings_, 1);
  const StreamId stream = Ask();
  ASSERT_TRUE(Receive(Head(stream, kOk + Literal("x-a", "b")) + Data(stream, "abc") +
                      Head(stream, Literal("grpc-status", "0") + Literal("cookie", "x"), kit::kEndStream)));
  ASSERT_TRUE(answers_[stream]);
  EXPECT_EQ(answers_[stream]->head().status, 200);
  EXPECT_EQ(answers_[stream]->head().fields.Find("x-a")->value, "b");
  EXPECT_EQ(answers_[stream]->framing().kind, Framing::Kind::kChunked);
  EXPECT_EQ(bodies_[stream], "abc");
  ASSERT_TRUE(trailers_);
  EXPECT_EQ(LastChunkWith(*trailers_), "0\r\ngrpc-status: 0\r\n\r\n");
  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(closed_[stream], Http2StreamEnd::kDone);
}

TEST_F(Http2ClientSessionTest, InterimAnswersComeBeforeTheFinalOne) {
  const StreamId stream = Ask();
  const std::string early =
      "\x08\x03"
      "103";  // :status, a name of the static table
  ASSERT_TRUE(Receive(Head(stream, early + Literal("link", "x"))));
  ASSERT_EQ(interims_.size(), 1U);
  EXPECT_EQ(interims_[0]->head().status, 103);
  EXPECT_EQ(interims_[0]->head().fields.Find("link")->value, "x");
  EXPECT_EQ(answers_.count(stream), 0U);
  ASSERT_TRUE(Receive(Head(stream, kOk, kit::kEndStream)));
  ASSERT_TRUE(answers_[stream]);
  EXPECT_EQ(answers_[stream]->head().status, 200);
  EXPECT_FALSE(answers_[stream]->framing().has_body());
}

TEST_F(Http2ClientSessionTest, WhatThePeerDidNotLookAtIsRefused) {
  const StreamId first = Ask();
  const StreamId second = Ask();
  const StreamId third = Ask();
  ASSERT_TRUE(Receive(ToBytes({FrameType::kReset, 0, static_cast<uint32_t>(third), kit::Uint32(7)})));
  EXPECT_EQ(closed_[third], Http2StreamEnd::kRefused);
  EXPECT_TRUE(session_.accepts());
  ASSERT_TRUE(Receive(
      ToBytes({FrameType::kGoAway, 0, 0, kit::Uint32(static_cast<uint32_t>(first)) + kit::Uint32(0)})));
  EXPECT_EQ(closed_[second], Http2StreamEnd::kRefused);
  EXPECT_EQ(closed_.count(first), 0U);
  EXPECT_FALSE(session_.accepts());
  ASSERT_TRUE(Receive(Head(first, kOk, kit::kEndStream)));
  EXPECT_EQ(closed_[first], Http2StreamEnd::kDone);
  EXPECT_TRUE(session_.finished());
}

TEST_F(Http2ClientSessionTest, OtherResetsAreNoRefusals) {
  const StreamId stream = Ask();
  ASSERT_TRUE(Receive(ToBytes({FrameType::kReset, 0, static_cast<uint32_t>(stream), kit::Uint32(2)})));
  EXPECT_EQ(closed_[stream], Http2StreamEnd::kReset);
}

TEST_F(Http2ClientSessionTest, AnAnswerWithFieldsOfAConnectionIsMalformed) {
  const StreamId stream = Ask();
  ASSERT_TRUE(Receive(Head(stream, kOk + Literal("connection", "close"), kit::kEndStream)));
  (void)Take();
  EXPECT_EQ(closed_[stream], Http2StreamEnd::kMalformed);
  EXPECT_EQ(answers_.count(stream), 0U);
}

TEST_F(Http2ClientSessionTest, TheNumberOfStreamsIsThePeers) {
  ASSERT_TRUE(Receive(ToBytes({FrameType::kSettings, 0, 0, std::string("\0\x03", 2) + kit::Uint32(7)})));
  EXPECT_EQ(session_.most_streams(), 7U);
}

// A body that nobody reads takes the room of its own stream, not that of the connection.
TEST_F(Http2ClientSessionTest, AnUnreadBodyStopsItsOwnStreamAlone) {
  const StreamId stream = Ask();
  ASSERT_TRUE(Receive(Head(stream, kOk)));
  const std::string piece(16'000, 'x');
  std::string sent;
  for (size_t came = 0; came + piece.size() <= Http2ClientSession::kStreamWindow; came += piece.size()) {
    ASSERT_TRUE(Receive(Data(stream, piece)));
    sent += Take();
  }
  const auto updates_of = [](const std::string& bytes, uint32_t of) {
    size_t updates = 0;
    for (const kit::Frame& frame : kit::ReadFrames(bytes)) {
      updates += frame.type == FrameType::kWindowUpdate && frame.stream == of ? 1 : 0;
    }
    return updates;
  };
  EXPECT_EQ(updates_of(sent, static_cast<uint32_t>(stream)), 0U);
  session_.Consume(stream, bodies_[stream].size());
  EXPECT_EQ(updates_of(Take(), static_cast<uint32_t>(stream)), 1U);
  // Far more than the connection's window, over several streams: none of it read, and nothing stops.
  for (int i = 0; i < 8; ++i) {
    const StreamId other = Ask();
    ASSERT_TRUE(Receive(Head(other, kOk)));
    for (size_t came = 0; came + piece.size() <= Http2ClientSession::kStreamWindow; came += piece.size()) {
      ASSERT_TRUE(Receive(Data(other, piece)));
      (void)Take();
    }
  }
  EXPECT_TRUE(closed_.empty());
  EXPECT_FALSE(session_.finished());
}

TEST_F(Http2ClientSessionTest, AFloodOfPingsEndsTheConnection) {
  bool sound = true;
  for (int i = 0; i < 2 * FrameBudget::kMost && sound && !session_.finished(); ++i) {
    sound = Receive(ToBytes({FrameType::kPing, 0, 0, std::string(8, 'p')}));
    sent_ += Take();
  }
  EXPECT_TRUE(!sound || session_.finished());
  EXPECT_TRUE(Sent(FrameType::kGoAway));
}

// As servers of gRPC answer each message: with updates of windows, and pings.
TEST_F(Http2ClientSessionTest, ShortMessagesPayForTheFramesThatAnswerThem) {
  last_ = false;
  const StreamId stream = Ask(true);
  const std::string update =
      ToBytes({FrameType::kWindowUpdate, 0, static_cast<uint32_t>(stream), kit::Uint32(5)});
  for (int i = 0; i < 600; ++i) {
    body_ = "short";
    session_.Resume(stream);
    sent_ += Take();
    ASSERT_EQ(body_, "");
    ASSERT_TRUE(Receive(update + ToBytes({FrameType::kPing, 0, 0, std::string(8, 'p')}))) << i;
  }
  EXPECT_FALSE(Sent(FrameType::kGoAway));
}

TEST_F(Http2ClientSessionTest, AWindowOfAByteDoesNotPayForItself) {
  const std::string no_window = std::string("\0\x04", 2) + kit::Uint32(0);
  ASSERT_TRUE(Receive(ToBytes({FrameType::kSettings, 0, 0, no_window})));
  body_ = std::string(1'000, 'b');
  const StreamId stream = Ask(true);
  for (int i = 0; i < 600; ++i) {
    (void)Receive(ToBytes({FrameType::kWindowUpdate, 0, static_cast<uint32_t>(stream), kit::Uint32(1)}));
    sent_ += Take();
  }
  EXPECT_TRUE(Sent(FrameType::kGoAway));
}

TEST_F(Http2ClientSessionTest, AHeadThatIsTooLargeIsSaidToBe) {
  const StreamId stream = Ask();
  std::string block = kOk;
  for (int i = 0; i < 129; ++i) block += Literal("a", "b");
  ASSERT_TRUE(Receive(Head(stream, block, kit::kEndStream)));
  ASSERT_TRUE(answers_[stream]);
  EXPECT_TRUE(answers_[stream]->too_large());
}

}  // namespace
}  // namespace tollgate::http
