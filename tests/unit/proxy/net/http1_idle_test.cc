// What a connection keeps while its client says nothing, and while he takes nothing.
#include <gmock/gmock.h>

#include "tests/kit/run_task.h"
#include "tests/unit/proxy/net/session_fixture.h"

namespace tollgate::net {
namespace {

using ::testing::StartsWith;

constexpr size_t kPiece = size_t{64} << 10;

class Http1Idle : public SessionFixture {
 protected:
  void ServeOne() {
    stream_->Feed(kRequest);
    EXPECT_THAT(Sent(), StartsWith("HTTP/1.1 503"));
  }
  // Sends a piece that is taken whole.
  void SendPiece() {
    exchange::Answer answer;
    answer.status = 200;
    answer.framing = {http::Framing::Kind::kLength, 10 * kPiece};
    EXPECT_TRUE(kit::RunNow(session_->SendHead(answer, body_, false)));
  }

  const std::string body_ = std::string(kPiece, 'b');
};

TEST_F(Http1Idle, AConnectionThatSaysNothingWaitsWithoutMemory) {
  Open();
  ServeOne();
  EXPECT_TRUE(stream_->read_waits());
  stream_->TimeOutWith("");
  EXPECT_FALSE(stream_->read_waits());
  EXPECT_TRUE(stream_->input_awaited());
}

TEST_F(Http1Idle, AParkedConnectionServesWhatComes) {
  Open();
  for (int i = 0; i < 2; ++i) {
    stream_->TimeOutWith("");
    ASSERT_TRUE(stream_->input_awaited());
    ServeOne();
    EXPECT_TRUE(stream_->read_waits());
  }
}

TEST_F(Http1Idle, AParkedConnectionEndsWithItsTime) {
  Open();
  ServeOne();
  stream_->TimeOutWith("");
  stream_->TimeOutWith("");
  EXPECT_TRUE(ended_);
}

TEST_F(Http1Idle, AParkedConnectionWhosePeerGoesEnds) {
  Open();
  stream_->TimeOutWith("");
  stream_->EndWith(io::IoStatus::kEof);
  EXPECT_TRUE(ended_);
}

TEST_F(Http1Idle, ARequestThatComesWithTheMomentIsServed) {
  Open();
  stream_->TimeOutWith(kRequest);
  EXPECT_THAT(Sent(), StartsWith("HTTP/1.1 503"));
}

TEST_F(Http1Idle, ACallerWhoTakesNothingHasNoRoomUntilHeDoes) {
  Open();
  EXPECT_TRUE(session_->HasRoom());
  SendPiece();
  EXPECT_TRUE(session_->HasRoom());
  SendPiece();
  stream_->MakeRoom(0);
  ASSERT_FALSE(session_->HasRoom());
  const kit::Started<bool> waiting(session_->AwaitRoom());
  EXPECT_TRUE(stream_->room_awaited());
  EXPECT_FALSE(waiting.done());
  stream_->MakeRoom(kPiece);
  ASSERT_TRUE(waiting.done());
  EXPECT_TRUE(waiting.value());
}

TEST_F(Http1Idle, ASmallPieceIsNotWorthTheQuestion) {
  Open();
  exchange::Answer answer;
  answer.status = 200;
  answer.framing = {http::Framing::Kind::kChunked, 0};
  EXPECT_TRUE(kit::RunNow(session_->SendHead(answer, "data: 1\n\n", false)));
  stream_->MakeRoom(0);
  EXPECT_TRUE(session_->HasRoom());
}

TEST_F(Http1Idle, WhoeverGoesWhileHeIsWaitedForIsGone) {
  Open();
  SendPiece();
  stream_->MakeRoom(0);
  const kit::Started<bool> waiting(session_->AwaitRoom());
  stream_->Close();
  ASSERT_TRUE(waiting.done());
  EXPECT_FALSE(waiting.value());
  EXPECT_EQ(session_->caller(), exchange::Caller::kGone);
}

}  // namespace
}  // namespace tollgate::net
