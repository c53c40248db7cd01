// Messages off a stream, one after the other, however the bytes arrive.
#include "proxy/http/message_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/kit/memory_stream.h"
#include "tests/kit/run_task.h"

namespace tollgate::http {
namespace {

using HeadStatus = HeadRead::Status;
using BodyStatus = BodyPiece::Status;

class MessageReaderTest : public ::testing::Test {
 protected:
  HeadRead ReadHead(bool skip_empty_lines = true) { return kit::RunNow(reader_.ReadHead(skip_empty_lines)); }

  // Reads a body to its end: "content|how it ended".
  static std::string ReadBody(MessageReader& reader, Framing framing) {
    reader.BeginBody(framing);
    std::string body;
    while (true) {
      const BodyPiece piece = kit::RunNow(reader.ReadBody());
      body += piece.data;
      if (piece.status == BodyStatus::kEnd) return body + "|end";
      if (piece.status == BodyStatus::kMalformed) return body + "|malformed";
      if (piece.status != BodyStatus::kData) return body + "|cut";
    }
  }
  std::string ReadBody(Framing framing) { return ReadBody(reader_, framing); }

  kit::MemoryStream stream_;
  MessageReader reader_{stream_};
};

TEST_F(MessageReaderTest, HeadAndBodyOfOneRead) {
  stream_.Feed("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
  const HeadRead head = ReadHead();
  ASSERT_EQ(head.status, HeadStatus::kDone);
  EXPECT_EQ(head.head, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(reader_.has_input());
  EXPECT_EQ(ReadBody({Framing::Kind::kLength, 5}), "hello|end");
  EXPECT_TRUE(reader_.body_done());
  EXPECT_FALSE(reader_.has_input());
}

TEST_F(MessageReaderTest, HeadStaysWhileTheBodyIsRead) {
  stream_.Feed("POST / HTTP/1.1\r\n\r\n1");
  const HeadRead head = ReadHead();
  for (int i = 0; i < 1000; ++i) stream_.Feed(std::string(1000, 'x'));
  EXPECT_EQ(ReadBody({Framing::Kind::kLength, 1'000'001}).size(), 1'000'001U + 4);
  EXPECT_EQ(head.head, "POST / HTTP/1.1\r\n\r\n");
}

// However the bytes are cut.
TEST_F(MessageReaderTest, TrailersAreKeptUntilTheNextBody) {
  const std::string message = "POST / HTTP/1.1\r\n\r\n2\r\nab\r\n0\r\nA: b\r\nCookie: c\r\nD:\r\n\r\n";
  for (size_t cut = 1; cut < message.size(); ++cut) {
    kit::MemoryStream stream;
    MessageReader reader(stream);
    stream.Feed(message.substr(0, cut));
    stream.Feed(message.substr(cut) + "GET / HTTP/1.1\r\n\r\n");
    (void)kit::RunNow(reader.ReadHead(true));
    EXPECT_EQ(ReadBody(reader, {Framing::Kind::kChunked, 0}), "ab|end");
    ASSERT_NE(reader.trailers(), nullptr) << cut;
    EXPECT_EQ(LastChunkWith(*reader.trailers()), "0\r\nA: b\r\nD: \r\n\r\n");
    reader.FinishMessage();
    EXPECT_EQ(kit::RunNow(reader.ReadHead(true)).head, "GET / HTTP/1.1\r\n\r\n");
    reader.BeginBody({});
    EXPECT_EQ(reader.trailers(), nullptr);
  }
}

TEST_F(MessageReaderTest, ABodyWithoutTrailersHasNone) {
  stream_.Feed("POST / HTTP/1.1\r\n\r\n2\r\nab\r\n0\r\n\r\n");
  (void)ReadHead();
  EXPECT_EQ(ReadBody({Framing::Kind::kChunked, 0}), "ab|end");
  EXPECT_EQ(reader_.trailers(), nullptr);
}

TEST_F(MessageReaderTest, MoreTrailersThanMayBeAreMalformed) {
  std::string lines;
  for (size_t i = 0; i <= Trailers::kMaxFields; ++i) lines += "A: b\r\n";
  stream_.Feed("POST / HTTP/1.1\r\n\r\n0\r\n" + lines + "\r\n");
  (void)ReadHead();
  EXPECT_EQ(ReadBody({Framing::Kind::kChunked, 0}), "|malformed");
}

TEST_F(MessageReaderTest, PipelinedMessagesComeOneByOne) {
  stream_.Feed("A / HTTP/1.1\r\n\r\nB / HTTP/1.1\r\n\r\nbodyC / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(ReadHead().head, "A / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(ReadBody({}), "|end");
  reader_.FinishMessage();
  EXPECT_TRUE(reader_.message_begun());
  EXPECT_EQ(ReadHead().head, "B / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(ReadBody({Framing::Kind::kLength, 4}), "body|end");
  reader_.FinishMessage();
  EXPECT_EQ(ReadHead().head, "C / HTTP/1.1\r\n\r\n");
  reader_.FinishMessage();
  EXPECT_FALSE(reader_.message_begun());
}

TEST_F(MessageReaderTest, AwaitingAMessageTakesItsFirstBytes) {
  kit::Started<io::IoResult> first(reader_.AwaitMessage());
  EXPECT_FALSE(first.done());
  stream_.Feed("A ");
  ASSERT_TRUE(first.done());
  EXPECT_TRUE(first.value().ok());
  EXPECT_TRUE(reader_.message_begun());
  EXPECT_TRUE(kit::RunNow(reader_.AwaitMessage()).ok());
  kit::Started<HeadRead> head(reader_.ReadHead(true));
  EXPECT_FALSE(head.done());
  stream_.Feed("/ HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(head.done());
  EXPECT_EQ(head.value().head, "A / HTTP/1.1\r\n\r\n");
}

TEST_F(MessageReaderTest, EmptyLinesBeforeARequestAreSkipped) {
  stream_.Feed("\r\n\r\nA / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(ReadHead().head, "A / HTTP/1.1\r\n\r\n");
}

TEST_F(MessageReaderTest, EmptyLinesBeforeAnAnswerAreNotSkipped) {
  stream_.Feed("\r\nHTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(ReadHead(false).head, "\r\n");
}

// A request after another with every kind of body, cut in two at every byte.
TEST_F(MessageReaderTest, CutsChangeNothing) {
  const std::string raw =
      "\r\nA / HTTP/1.1\r\nHost: a\r\n\r\n5;x=\"y\"\r\nhello\r\n0\r\nT: u\r\n\r\n"
      "\r\n\r\nB / HTTP/1.1\r\n\r\nworldC / HTTP/1.1\r\n\r\n";
  for (size_t cut = 0; cut <= raw.size(); ++cut) {
    kit::MemoryStream stream;
    MessageReader reader(stream);
    stream.Feed(raw.substr(0, cut));
    stream.Feed(raw.substr(cut));
    EXPECT_EQ(kit::RunNow(reader.ReadHead(true)).head, "A / HTTP/1.1\r\nHost: a\r\n\r\n") << cut;
    EXPECT_EQ(ReadBody(reader, {Framing::Kind::kChunked, 0}), "hello|end") << cut;
    reader.FinishMessage();
    EXPECT_EQ(kit::RunNow(reader.ReadHead(true)).head, "B / HTTP/1.1\r\n\r\n") << cut;
    EXPECT_EQ(ReadBody(reader, {Framing::Kind::kLength, 5}), "world|end") << cut;
    reader.FinishMessage();
    EXPECT_EQ(kit::RunNow(reader.ReadHead(true)).head, "C / HTTP/1.1\r\n\r\n") << cut;
  }
}

TEST_F(MessageReaderTest, MessagesArriveByteByByte) {
  const std::string raw = "\r\nA / HTTP/1.1\r\n\r\n2\r\nhi\r\n0\r\n\r\nB / HTTP/1.1\r\n\r\n";
  for (const char c : raw) stream_.Feed(std::string(1, c));
  EXPECT_EQ(ReadHead().head, "A / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(ReadBody({Framing::Kind::kChunked, 0}), "hi|end");
  reader_.FinishMessage();
  EXPECT_EQ(ReadHead().head, "B / HTTP/1.1\r\n\r\n");
}

TEST_F(MessageReaderTest, CloseBeforeAMessageIsClean) {
  stream_.EndWith(io::IoStatus::kEof);
  EXPECT_EQ(ReadHead().status, HeadStatus::kClosed);
}

TEST_F(MessageReaderTest, CloseAfterEmptyLinesIsClean) {
  stream_.Feed("\r\n\r\n");
  stream_.EndWith(io::IoStatus::kEof);
  EXPECT_EQ(ReadHead().status, HeadStatus::kClosed);
}

TEST_F(MessageReaderTest, CloseInsideAHeadIsTruncation) {
  stream_.Feed("A / HTTP/1.1\r\n");
  stream_.EndWith(io::IoStatus::kEof);
  EXPECT_EQ(ReadHead().status, HeadStatus::kTruncated);
}

TEST_F(MessageReaderTest, EveryEndOfAHeadIsToldApart) {
  const std::pair<io::IoStatus, HeadStatus> ends[] = {{io::IoStatus::kTimeout, HeadStatus::kTimeout},
                                                      {io::IoStatus::kCancelled, HeadStatus::kCancelled},
                                                      {io::IoStatus::kFailed, HeadStatus::kFailed}};
  for (const auto& [how, expected] : ends) {
    stream_.EndWith(how);
    EXPECT_EQ(ReadHead().status, expected);
  }
}

TEST_F(MessageReaderTest, EveryEndOfABodyIsToldApart) {
  stream_.Feed("A / HTTP/1.1\r\n\r\n");
  ReadHead();
  const std::pair<io::IoStatus, BodyStatus> ends[] = {{io::IoStatus::kTimeout, BodyStatus::kTimeout},
                                                      {io::IoStatus::kCancelled, BodyStatus::kCancelled},
                                                      {io::IoStatus::kFailed, BodyStatus::kFailed},
                                                      {io::IoStatus::kEof, BodyStatus::kTruncated}};
  for (const auto& [how, expected] : ends) {
    reader_.BeginBody({Framing::Kind::kLength, 5});
    stream_.EndWith(how);
    EXPECT_EQ(kit::RunNow(reader_.ReadBody()).status, expected);
  }
}

TEST_F(MessageReaderTest, BodyUntilCloseEndsThere) {
  stream_.Feed("HTTP/1.1 200 OK\r\n\r\nhello");
  ReadHead(false);
  stream_.Feed(" world");
  stream_.EndWith(io::IoStatus::kEof);
  EXPECT_EQ(ReadBody({Framing::Kind::kUntilClose, 0}), "hello world|end");
}

TEST_F(MessageReaderTest, MalformedHeadsAreRefusedWhenTheLineEnds) {
  stream_.Feed("A / HTTP/1.1\n");
  const HeadRead head = ReadHead();
  EXPECT_EQ(head.status, HeadStatus::kMalformed);
  EXPECT_EQ(head.reason, "a line ends in a bare LF");
}

TEST_F(MessageReaderTest, MalformedChunksAreRefused) {
  stream_.Feed("A / HTTP/1.1\r\n\r\n2\r\nhiX");
  ReadHead();
  EXPECT_EQ(ReadBody({Framing::Kind::kChunked, 0}), "hi|malformed");
}

// A head of exactly so many bytes.
std::string HeadOf(size_t bytes) {
  std::string head = "A / HTTP/1.1\r\nX: ";
  head.append(bytes - head.size() - 4, 'x');
  return head + "\r\n\r\n";
}

TEST_F(MessageReaderTest, LargestHeadIsRead) {
  stream_.Feed(HeadOf(kMaxHeadBytes) + "hello");
  EXPECT_EQ(ReadHead().status, HeadStatus::kDone);
  EXPECT_EQ(ReadBody({Framing::Kind::kLength, 5}), "hello|end");
}

TEST_F(MessageReaderTest, LargerHeadIsRefused) {
  stream_.Feed(HeadOf(kMaxHeadBytes + 1));
  EXPECT_EQ(ReadHead().status, HeadStatus::kTooLarge);
}

TEST_F(MessageReaderTest, HeadThatNeverEndsIsRefused) {
  for (int i = 0; i < 100; ++i) stream_.Feed(std::string(1000, 'x'));
  EXPECT_EQ(ReadHead().status, HeadStatus::kTooLarge);
}

TEST_F(MessageReaderTest, LargeHeadArrivesInSmallPieces) {
  const std::string head = HeadOf(kMaxHeadBytes);
  for (size_t at = 0; at < head.size(); at += 7) stream_.Feed(std::string_view(head).substr(at, 7));
  EXPECT_EQ(ReadHead().head, head);
}

TEST_F(MessageReaderTest, WhatIsThereIsTakenWithoutWaiting) {
  stream_.Feed("A / HTTP/1.1\r\n\r\nhel");
  ReadHead();
  reader_.BeginBody({Framing::Kind::kLength, 5});
  EXPECT_EQ(reader_.TakeBufferedBody().data, "hel");
  const BodyPiece nothing = reader_.TakeBufferedBody();
  EXPECT_EQ(nothing.status, BodyStatus::kData);
  EXPECT_EQ(nothing.data, "");
  EXPECT_FALSE(reader_.body_done());
}

TEST_F(MessageReaderTest, LastPieceThatIsThereEndsTheBody) {
  stream_.Feed("A / HTTP/1.1\r\n\r\nhello");
  ReadHead();
  reader_.BeginBody({Framing::Kind::kLength, 5});
  EXPECT_EQ(reader_.TakeBufferedBody().data, "hello");
  EXPECT_TRUE(reader_.body_done());
  EXPECT_EQ(reader_.TakeBufferedBody().status, BodyStatus::kEnd);
}

TEST_F(MessageReaderTest, FinishingDropsTheHeadAndKeepsTheRest) {
  stream_.Feed(HeadOf(kMaxHeadBytes) + "B / HTT");
  ReadHead();
  reader_.FinishMessage();
  EXPECT_TRUE(reader_.has_input());
  stream_.Feed("P/1.1\r\n\r\n");
  EXPECT_EQ(ReadHead().head, "B / HTTP/1.1\r\n\r\n");
}

// The first message has been read whole and is at work.
class ReadAheadTest : public MessageReaderTest, public AheadObserver {
 protected:
  ReadAheadTest() {
    stream_.Feed(kFirst);
    head_ = ReadHead().head;
    EXPECT_EQ(ReadBody({}), "|end");
    reader_.ReadAhead(*this);
    EXPECT_TRUE(stream_.read_waits());
  }
  ~ReadAheadTest() override { stream_.Close(); }

  static constexpr std::string_view kFirst = "A / HTTP/1.1\r\n\r\n";
  static constexpr std::string_view kSecond = "B /b HTTP/1.1\r\n\r\n";
  std::string_view head_;
  std::vector<io::IoStatus> heard_;

 private:
  void OnAhead(const io::IoResult& result) override { heard_.push_back(result.status); }
};

TEST_F(ReadAheadTest, TheEndOfThePeerIsHeardOf) {
  stream_.EndWith(io::IoStatus::kEof);
  EXPECT_EQ(heard_, std::vector{io::IoStatus::kEof});
  EXPECT_FALSE(reader_.reading_ahead());
}

TEST_F(ReadAheadTest, TheEndIsReadOnceAndRemembered) {
  stream_.EndWith(io::IoStatus::kEof);
  stream_.EndWith(io::IoStatus::kWouldBlock);
  reader_.ReadAhead(*this);
  EXPECT_EQ(heard_.size(), 2U);
  reader_.FinishMessage();
  EXPECT_EQ(kit::RunNow(reader_.AwaitMessage()).status, io::IoStatus::kEof);
}

TEST_F(ReadAheadTest, ATimeoutIsNotTheEnd) {
  reader_.FinishMessage();
  const kit::Started<io::IoResult> awaited(reader_.AwaitMessage());
  stream_.TimeOutWith(kSecond);
  ASSERT_TRUE(awaited.done());
  EXPECT_EQ(awaited.value().status, io::IoStatus::kTimeout);
  EXPECT_TRUE(kit::RunNow(reader_.AwaitMessage()).ok());
  EXPECT_EQ(ReadHead().head, kSecond);
}

TEST_F(ReadAheadTest, WhatComesIsTheNextMessages) {
  stream_.Feed(kSecond);
  EXPECT_EQ(heard_, std::vector{io::IoStatus::kOk});
  EXPECT_EQ(head_, kFirst) << "the first one is still at work";
  reader_.FinishMessage();
  EXPECT_EQ(ReadHead().head, kSecond);
}

// The first message's answer has made a tunnel of the connection.
TEST_F(ReadAheadTest, WhatComesIsATunnels) {
  reader_.BeginBody({Framing::Kind::kUntilClose, 0});
  const kit::Started<BodyPiece> piece(reader_.ReadBody());
  EXPECT_FALSE(piece.done());
  stream_.Feed("bytes");
  ASSERT_TRUE(piece.done());
  EXPECT_EQ(piece.value().data, "bytes");
  EXPECT_EQ(head_, kFirst) << "it is still needed";
}

TEST_F(ReadAheadTest, TheEndOfThePeerIsATunnels) {
  stream_.EndWith(io::IoStatus::kEof);
  reader_.BeginBody({Framing::Kind::kUntilClose, 0});
  EXPECT_EQ(kit::RunNow(reader_.ReadBody()).status, BodyPiece::Status::kEnd);
}

TEST_F(ReadAheadTest, AwaitingTheNextMessageIsTheSameRead) {
  reader_.FinishMessage();
  const kit::Started<io::IoResult> awaited(reader_.AwaitMessage());
  EXPECT_FALSE(awaited.done());
  stream_.Feed(kSecond);
  ASSERT_TRUE(awaited.done());
  EXPECT_EQ(awaited.value().bytes, kSecond.size());
  EXPECT_TRUE(heard_.empty()) << "it was waited for";
  EXPECT_EQ(ReadHead().head, kSecond);
}

TEST_F(ReadAheadTest, ItGoesOnForSeveralMessages) {
  for (int i = 0; i < 3; ++i) {
    reader_.FinishMessage();
    const kit::Started<io::IoResult> awaited(reader_.AwaitMessage());
    stream_.Feed(kSecond.substr(0, 7));
    stream_.Feed(kSecond.substr(7));
    EXPECT_EQ(ReadHead().head, kSecond);
    EXPECT_EQ(ReadBody({}), "|end");
    reader_.ReadAhead(*this);
    EXPECT_TRUE(reader_.reading_ahead());
  }
}

TEST_F(ReadAheadTest, TheEndIsAwaitedToo) {
  const kit::Started<io::IoResult> ended(
      [](MessageReader& reader) -> io::Task<io::IoResult> { co_return co_await reader.Ahead(); }(reader_));
  stream_.Close();
  ASSERT_TRUE(ended.done());
  EXPECT_EQ(ended.value().status, io::IoStatus::kCancelled);
}

TEST_F(MessageReaderTest, NothingIsReadAheadOfBytesThatAreThere) {
  class Nobody final : public AheadObserver {
    void OnAhead(const io::IoResult&) override { ADD_FAILURE() << "nothing was read"; }
  } nobody;
  stream_.Feed("A / HTTP/1.1\r\n\r\nB");
  EXPECT_EQ(ReadHead().status, HeadStatus::kDone);
  EXPECT_EQ(ReadBody({}), "|end");
  reader_.ReadAhead(nobody);
  EXPECT_FALSE(reader_.reading_ahead());
}

TEST_F(MessageReaderTest, AMessageIsReadBehindAWaitWithoutMemory) {
  const kit::Started<io::IoResult> parked(reader_.AwaitParked());
  EXPECT_TRUE(stream_.input_awaited());
  stream_.Feed("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(parked.done());
  EXPECT_TRUE(parked.value().ok());
  EXPECT_EQ(ReadHead().head, "GET / HTTP/1.1\r\n\r\n");
}

TEST_F(MessageReaderTest, TheHeadStaysWhereTheSpaceBehindItIsGivenBack) {
  const std::string text = "POST / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n";
  stream_.Feed(text + std::string(50'000, 'b'));
  const HeadRead head = ReadHead();
  reader_.BeginBody({Framing::Kind::kLength, 100'000});
  reader_.ReleaseSpace();  // not while something stands there
  EXPECT_EQ(kit::RunNow(reader_.ReadBody()).data, std::string(50'000, 'b'));
  reader_.ReleaseSpace();
  stream_.Feed(std::string(50'000, 'c'));
  EXPECT_EQ(kit::RunNow(reader_.ReadBody()).data, std::string(50'000, 'c'));
  EXPECT_EQ(head.head, text);
}

}  // namespace
}  // namespace tollgate::http
