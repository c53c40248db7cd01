#include "controller/kube/body_pipe.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace tollgate::kube {
namespace {

using std::chrono::seconds;

// A deadline that a healthy machine never meets.
SteadyTime Soon() { return SteadyNow() + seconds(30); }

TEST(BodyPipe, HandsOnStatusPiecesAndEnd) {
  BodyPipe pipe;
  int consumed = 0;
  pipe.PutStatus(200);
  pipe.PutPiece("one", [&] {
    ++consumed;
    pipe.PutPiece("two", [&] {
      ++consumed;
      pipe.PutEnd(std::nullopt);
    });
  });
  EXPECT_EQ(*pipe.AwaitStatus(Soon(), {}), 200);
  EXPECT_EQ(*pipe.AwaitPiece(Soon(), {}), "one");
  EXPECT_EQ(consumed, 0) << "the piece is still being read";
  EXPECT_EQ(*pipe.AwaitPiece(Soon(), {}), "two");
  EXPECT_EQ(*pipe.AwaitPiece(Soon(), {}), "");
  EXPECT_EQ(consumed, 2);
}

TEST(BodyPipe, ReportsAnEndBeforeTheStatusAndAfterIt) {
  BodyPipe unanswered;
  unanswered.PutEnd(Fault{"refused"});
  EXPECT_EQ(unanswered.AwaitStatus(Soon(), {}).error().message, "refused");
  BodyPipe broken;
  broken.PutStatus(200);
  broken.PutEnd(Fault{"reset"});
  EXPECT_EQ(*broken.AwaitStatus(Soon(), {}), 200);
  EXPECT_EQ(broken.AwaitPiece(Soon(), {}).error().message, "reset");
}

TEST(BodyPipe, WaitsNoLongerThanTheDeadline) {
  BodyPipe pipe;
  EXPECT_EQ(pipe.AwaitStatus(SteadyNow(), {}).error().message, "nothing came in time");
  EXPECT_EQ(pipe.AwaitPiece(SteadyNow(), {}).error().message, "nothing came in time");
}

TEST(BodyPipe, WakesAReaderThatIsToStop) {
  BodyPipe pipe;
  std::string fault;
  {
    std::jthread reader([&](std::stop_token stop) { fault = pipe.AwaitPiece(Soon(), stop).error().message; });
    reader.request_stop();
  }
  EXPECT_EQ(fault, "it was no longer wanted");
}

TEST(BodyPipe, LetsTheWriterGoWhenItIsClosed) {
  BodyPipe pipe;
  int consumed = 0;
  const auto note = [&] { ++consumed; };
  pipe.PutPiece("unread", note);
  pipe.Close();
  pipe.PutPiece("late", note);
  pipe.Close();
  EXPECT_EQ(consumed, 2);
}

TEST(BodyPipe, CarriesABodyFromOneThreadToAnotherInOrder) {
  constexpr int kPieces = 10'000;
  BodyPipe pipe;
  std::jthread writer([&] {
    for (int i = 0; i < kPieces; ++i) {
      const std::string piece = std::to_string(i);
      std::atomic<bool> consumed = false;
      pipe.PutPiece(piece, [&] {
        consumed = true;
        consumed.notify_one();
      });
      consumed.wait(false);
    }
    pipe.PutEnd(std::nullopt);
  });
  for (int i = 0; i < kPieces; ++i) ASSERT_EQ(*pipe.AwaitPiece(Soon(), {}), std::to_string(i));
  EXPECT_EQ(*pipe.AwaitPiece(Soon(), {}), "");
}

}  // namespace
}  // namespace tollgate::kube
