// The Stream over a socket: what ends a read or a write, and what does not.
#include <cerrno>
#include <random>

#include "tests/kit/loop_fixture.h"

namespace tollgate::io {
namespace {

using kit::ReadSome;
using kit::WriteAll;
using std::chrono::milliseconds;

// Long enough that nothing in a test waits for it, short enough to be seen passing.
constexpr milliseconds kSoon{40};
constexpr std::chrono::hours kFar{1};

class TcpStreamTest : public kit::LoopFixture {
 public:
  Task<void> Read(Stream& stream, IoStatus expected) {
    Task<IoResult> read = ReadSome(stream, text_);
    const IoResult result = co_await read;
    EXPECT_EQ(result.status, expected);
    error_ = result.error;
    read_ended_ = SteadyNow();
  }
  Task<void> Write(Stream& stream, std::string_view text, IoStatus expected) {
    Task<IoResult> write = WriteAll(stream, text);
    const IoResult result = co_await write;
    EXPECT_EQ(result.status, expected);
    write_ended_ = SteadyNow();
  }
  Task<void> After(milliseconds pause, std::function<void()> action) {
    Loop::Sleeper sleeper = loop_.Sleep(pause);
    co_await sleeper;
    action();
  }
  // Reads until the peer closes, at most a buffer at a time.
  Task<void> ReadToEnd(Stream& stream, std::string& into) {
    std::vector<char> buffer(64 * 1024);
    while (true) {
      Stream::ReadAwaiter read = stream.Read(buffer);
      const IoResult result = co_await read;
      if (!result.ok()) {
        EXPECT_EQ(result.status, IoStatus::kEof);
        co_return;
      }
      into.append(buffer.data(), result.bytes);
    }
  }

  // Writes until the peer takes nothing more, and then lets it read.
  Task<void> WriteUntilThereIsRoom(std::string_view much, std::string& got) {
    Task<void> stuck = Write(ours_, much, IoStatus::kTimeout);
    ours_.SetWriteDeadline(SteadyNow() + kSoon);
    co_await stuck;
    EXPECT_FALSE(ours_.HasRoom());
    ours_.SetWriteDeadline(SteadyNow() + kSoon);
    Stream::ReadyAwaiter late = ours_.AwaitRoom();
    const IoResult none = co_await late;
    EXPECT_EQ(none.status, IoStatus::kTimeout);
    ours_.SetWriteDeadline(SteadyNow() + kFar);
    Start(ReadToEnd(theirs_, got));
    Stream::ReadyAwaiter room = ours_.AwaitRoom();
    const IoResult there = co_await room;
    EXPECT_TRUE(there.ok());
    EXPECT_TRUE(ours_.HasRoom());
    ours_.ShutdownWrite();
  }

  // More than any socket buffer takes.
  static std::string Much() {
    std::string text(10 << 20, ' ');
    std::mt19937_64 random(5);
    for (char& c : text) c = static_cast<char>(random());
    return text;
  }

  Pair pair_ = ConnectedPair();
  Stream& ours_ = *pair_.ours;
  Stream& theirs_ = *pair_.theirs;
  std::string text_;
  int error_ = 0;
  SteadyTime read_ended_;
  SteadyTime write_ended_;
};

TEST_F(TcpStreamTest, ReadTakesWhatIsThere) {
  Start(Write(theirs_, "hello", IoStatus::kOk));
  Start(Read(ours_, IoStatus::kOk));
  Run();
  EXPECT_EQ(text_, "hello");
}

TEST_F(TcpStreamTest, ReadWaitsForData) {
  Start(Read(ours_, IoStatus::kOk));
  Start(Write(theirs_, "hello", IoStatus::kOk));
  Run();
  EXPECT_EQ(text_, "hello");
}

TEST_F(TcpStreamTest, PiecesArriveAsOne) {
  Run([](Stream& ours, Stream& theirs, std::string& text) -> Task<void> {
    Stream::WriteAwaiter write = theirs.Write("a", "", "bc", "d");
    const IoResult written = co_await write;
    EXPECT_TRUE(written.ok());
    Task<IoResult> read = ReadSome(ours, text);
    (void)co_await read;
  }(ours_, theirs_, text_));
  EXPECT_EQ(text_, "abcd");
}

TEST_F(TcpStreamTest, WritingNothingSucceeds) { Run(Write(ours_, "", IoStatus::kOk)); }

TEST_F(TcpStreamTest, PeersCloseIsTheEnd) {
  pair_.theirs.reset();
  Run(Read(ours_, IoStatus::kEof));
}

TEST_F(TcpStreamTest, PeersCloseEndsAWaitingRead) {
  Start(Read(ours_, IoStatus::kEof));
  Start(After(milliseconds(1), [this] { theirs_.Close(); }));
  Run();
}

TEST_F(TcpStreamTest, ShutdownEndsOneDirectionOnly) {
  ours_.ShutdownWrite();
  Start(Read(theirs_, IoStatus::kEof));
  Start(Write(theirs_, "still", IoStatus::kOk));
  Start(Read(ours_, IoStatus::kOk));
  Run();
  EXPECT_EQ(text_, "still");
}

TEST_F(TcpStreamTest, WriteToAClosedPeerFails) {
  pair_.theirs.reset();
  Run(Write(ours_, "hello", IoStatus::kFailed));
}

TEST_F(TcpStreamTest, ReadDeadlinePasses) {
  const SteadyTime deadline = SteadyNow() + kSoon;
  ours_.SetReadDeadline(deadline);
  Run(Read(ours_, IoStatus::kTimeout));
  EXPECT_GE(read_ended_, deadline);
}

TEST_F(TcpStreamTest, StreamLivesOnAfterAReadDeadline) {
  ours_.SetReadDeadline(SteadyNow());
  Start(Read(ours_, IoStatus::kTimeout));
  Start(After(kSoon, [this] {
    ours_.SetReadDeadline(SteadyTime::max());
    Start(Read(ours_, IoStatus::kOk));
    Start(Write(theirs_, "late", IoStatus::kOk));
  }));
  Run();
  EXPECT_EQ(text_, "late");
}

TEST_F(TcpStreamTest, DataThatIsThereIsReadWhateverTheDeadline) {
  ours_.SetReadDeadline(SteadyNow() - kFar);
  Start(Write(theirs_, "hello", IoStatus::kOk));
  Start(Read(ours_, IoStatus::kOk));
  Run();
  EXPECT_EQ(text_, "hello");
}

TEST_F(TcpStreamTest, WriteDeadlinePassesWhileReadingGoesOn) {
  const std::string much = Much();
  const SteadyTime deadline = SteadyNow() + kSoon;
  ours_.SetWriteDeadline(deadline);
  Start(Write(ours_, much, IoStatus::kTimeout));
  Start(Read(ours_, IoStatus::kOk));
  Start(After(3 * kSoon, [this] { Start(Write(theirs_, "answer", IoStatus::kOk)); }));
  Run();
  EXPECT_GE(write_ended_, deadline);
  EXPECT_LT(write_ended_, read_ended_);
  EXPECT_EQ(text_, "answer");
}

TEST_F(TcpStreamTest, ReadDeadlinePassesWhileWritingGoesOn) {
  const std::string much = Much();
  std::string received;
  ours_.SetReadDeadline(SteadyNow() + kSoon);
  Start(Read(ours_, IoStatus::kTimeout));
  Start(Write(ours_, much, IoStatus::kOk));
  Start(After(3 * kSoon, [this, &received] {
    ours_.SetReadDeadline(SteadyTime::max());
    Start([](TcpStreamTest& test, std::string& into, size_t size) -> Task<void> {
      while (into.size() < size) {
        Task<IoResult> read = ReadSome(test.theirs_, into);
        const IoResult result = co_await read;
        EXPECT_TRUE(result.ok());
        if (!result.ok()) co_return;
      }
    }(*this, received, size_t{10} << 20));
  }));
  Run();
  EXPECT_TRUE(received == much);
}

TEST_F(TcpStreamTest, DeadlineMayBePutOffWhileItIsWaitedFor) {
  ours_.SetReadDeadline(SteadyNow() + kSoon);
  Start(Read(ours_, IoStatus::kOk));
  ours_.SetReadDeadline(SteadyNow() + kFar);
  Start(After(3 * kSoon, [this] { Start(Write(theirs_, "hello", IoStatus::kOk)); }));
  Run();
}

TEST_F(TcpStreamTest, DeadlineMayBeTakenAwayWhileItIsWaitedFor) {
  ours_.SetReadDeadline(SteadyNow() + kSoon);
  Start(Read(ours_, IoStatus::kOk));
  ours_.SetReadDeadline(SteadyTime::max());
  Start(After(3 * kSoon, [this] { Start(Write(theirs_, "hello", IoStatus::kOk)); }));
  Run();
}

TEST_F(TcpStreamTest, DeadlineMayBeDrawnInWhileItIsWaitedFor) {
  ours_.SetReadDeadline(SteadyNow() + kFar);
  Start(Read(ours_, IoStatus::kTimeout));
  ours_.SetReadDeadline(SteadyNow() + kSoon);
  Run();
}

TEST_F(TcpStreamTest, DeadlineMayBeSetWhileARefusedOneWaits) {
  Start(Read(ours_, IoStatus::kTimeout));
  Start(After(milliseconds(1), [this] { ours_.SetReadDeadline(SteadyNow()); }));
  Run();
}

TEST_F(TcpStreamTest, DeadlineOfAnEarlierReadDoesNotCutALaterOne) {
  ours_.SetReadDeadline(SteadyNow() + kSoon);
  Start(Write(theirs_, "first", IoStatus::kOk));
  Start(Read(ours_, IoStatus::kOk));
  ours_.SetReadDeadline(SteadyNow() + kFar);
  Start(Read(ours_, IoStatus::kOk));
  Start(After(3 * kSoon, [this] { Start(Write(theirs_, "second", IoStatus::kOk)); }));
  Run();
  EXPECT_EQ(text_, "firstsecond");
}

TEST_F(TcpStreamTest, CloseEndsAWaitingReadAndWrite) {
  const std::string much = Much();
  Start(Read(ours_, IoStatus::kCancelled));
  Start(Write(ours_, much, IoStatus::kCancelled));
  Start(After(milliseconds(1), [this] {
    ours_.Close();
    ours_.Close();
  }));
  Run();
}

TEST_F(TcpStreamTest, NothingCanBeDoneAfterClose) {
  ours_.Close();
  EXPECT_FALSE(ours_.IsQuiet());
  ours_.ShutdownWrite();
  Start(Read(ours_, IoStatus::kCancelled));
  Start(Write(ours_, "x", IoStatus::kCancelled));
  Run();
}

TEST_F(TcpStreamTest, CloseAfterAShortReadCancelsTheNext) {
  Start(Write(theirs_, "x", IoStatus::kOk));
  Start(Read(ours_, IoStatus::kOk));
  ours_.Close();
  Start(Read(ours_, IoStatus::kCancelled));
  Run();
}

TEST_F(TcpStreamTest, TenMebibytesArriveWhole) {
  const std::string much = Much();
  std::string received;
  Start([](TcpStreamTest& test, const std::string& text) -> Task<void> {
    const std::string_view all = text;
    Stream::WriteAwaiter write = test.ours_.Write(all.substr(0, 1), all.substr(1, 3'000'000),
                                                  all.substr(3'000'001, 2), all.substr(3'000'003));
    const IoResult result = co_await write;
    EXPECT_TRUE(result.ok());
    test.ours_.ShutdownWrite();
  }(*this, much));
  EXPECT_EQ(running_, 1) << "the writer should wait for its reader";
  Start(ReadToEnd(theirs_, received));
  Run();
  EXPECT_TRUE(received == much);
}

TEST_F(TcpStreamTest, SilentStreamIsQuiet) {
  EXPECT_TRUE(ours_.IsQuiet());
  Start(Write(theirs_, "x", IoStatus::kOk));
  Run();
}

TEST_F(TcpStreamTest, StreamWithDataIsNotQuiet) {
  Detach(Write(theirs_, "x", IoStatus::kOk));
  EXPECT_FALSE(ours_.IsQuiet());
  EXPECT_FALSE(ours_.IsQuiet()) << "looking takes nothing away";
}

TEST_F(TcpStreamTest, StreamThatThePeerClosedIsNotQuiet) {
  pair_.theirs.reset();
  EXPECT_FALSE(ours_.IsQuiet());
}

TEST_F(TcpStreamTest, RoomIsWaitedForWhileThePeerTakesNothing) {
  EXPECT_TRUE(ours_.HasRoom());
  const std::string much = Much();
  std::string got;
  Start(WriteUntilThereIsRoom(much, got));
  Run();
  EXPECT_GT(got.size(), 0U);
}

TEST_F(TcpStreamTest, InputIsWaitedForWithoutAPlaceToPutIt) {
  Start(After(kSoon, [this] { Start(Write(theirs_, "hello", IoStatus::kOk)); }));
  Start([](TcpStreamTest& test) -> Task<void> {
    Stream::ReadyAwaiter input = test.ours_.AwaitInput();
    const IoResult result = co_await input;
    EXPECT_TRUE(result.ok());
    Task<void> read = test.Read(test.ours_, IoStatus::kOk);
    co_await read;
    EXPECT_EQ(test.text_, "hello");
    test.ours_.SetReadDeadline(SteadyNow() + kSoon);
    Stream::ReadyAwaiter none = test.ours_.AwaitInput();
    const IoResult late = co_await none;
    EXPECT_EQ(late.status, IoStatus::kTimeout);
  }(*this));
  Run();
}

}  // namespace
}  // namespace tollgate::io
