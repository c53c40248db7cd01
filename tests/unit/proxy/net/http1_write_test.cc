// How an answer leaves: whole, and for as long as its caller takes it.
#include <gmock/gmock.h>

#include "tests/kit/run_task.h"
#include "tests/unit/proxy/net/session_fixture.h"

namespace tollgate::net {
namespace {

constexpr size_t kPiece = size_t{64} << 10;

class Http1Write : public SessionFixture {
 protected:
  exchange::Answer AnswerOf(const std::string& body, http::Framing::Kind kind) {
    exchange::Answer answer;
    answer.status = 200;
    answer.framing = {kind, body.size()};
    return answer;
  }
  static std::string BodyIn(const std::string& sent) { return sent.substr(sent.find("\r\n\r\n") + 4); }
};

TEST_F(Http1Write, EachPieceThatWasTakenRenewsTheTimeForTheNext) {
  Open();
  const std::string body(4 * kPiece, 'b');
  const exchange::Answer answer = AnswerOf(body, http::Framing::Kind::kLength);
  stream_->MakeRoom(0);
  const kit::Started<bool> sending(session_->SendHead(answer, body, true));
  SteadyTime before = stream_->write_deadline();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(stream_->write_waits());
    stream_->MakeRoom(kPiece + 1000);
    EXPECT_GT(stream_->write_deadline(), before);
    before = stream_->write_deadline();
    stream_->MakeRoom(1);
    EXPECT_EQ(stream_->write_deadline(), before) << "a byte is no piece";
  }
  stream_->MakeRoom(kPiece);
  ASSERT_TRUE(sending.done());
  EXPECT_TRUE(sending.value());
  EXPECT_TRUE(BodyIn(Sent()) == body);
  EXPECT_EQ(session_->bytes_sent(), body.size());
}

TEST_F(Http1Write, AChunkStaysWholeThoughItIsSentInPieces) {
  Open();
  const std::string body = std::string(kPiece, 'a') + std::string(kPiece, 'b') + "c";
  const exchange::Answer answer = AnswerOf(body, http::Framing::Kind::kChunked);
  EXPECT_TRUE(kit::RunNow(session_->SendHead(answer, body, true)));
  EXPECT_TRUE(BodyIn(Sent()) == "20001\r\n" + body + "\r\n0\r\n\r\n");
}

TEST_F(Http1Write, WhatWasTakenBeforeTheCallerWentIsCounted) {
  Open();
  const std::string body(4 * kPiece, 'b');
  const exchange::Answer answer = AnswerOf(body, http::Framing::Kind::kLength);
  stream_->MakeRoom(2 * kPiece + 1000);
  const kit::Started<bool> sending(session_->SendHead(answer, body, true));
  stream_->Close();
  ASSERT_TRUE(sending.done());
  EXPECT_FALSE(sending.value());
  EXPECT_EQ(session_->bytes_sent(), 2 * kPiece);
  EXPECT_EQ(session_->caller(), exchange::Caller::kGone);
}

}  // namespace
}  // namespace tollgate::net
