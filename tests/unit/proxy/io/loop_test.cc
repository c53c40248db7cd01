#include "proxy/io/loop.h"

#include <optional>
#include <thread>

#include "tests/kit/loop_fixture.h"

namespace tollgate::io {
namespace {

using kit::ReadSome;
using kit::WriteAll;
using std::chrono::milliseconds;

class LoopTest : public kit::LoopFixture {};

TEST_F(LoopTest, PostedWorkRunsInOrder) {
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) loop_.Post([&order, i] { order.push_back(i); });
  loop_.Stop();
  loop_.Run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST_F(LoopTest, WorkBehindInputRunsBehindTheHandlersOfWhatHasArrived) {
  Pair pair = ConnectedPair();
  std::vector<std::string> order;
  const auto read = [&]() -> Task<void> {
    std::string text;
    Task<IoResult> once = ReadSome(*pair.ours, text);
    co_await once;
    order.push_back(text);
  };
  const auto write = [&]() -> Task<void> {
    Task<IoResult> once = WriteAll(*pair.theirs, "input");
    co_await once;
  };
  Start(read());
  loop_.Post([&] {
    Detach(write());
    loop_.PostBehindInput([&] { order.push_back("work"); });
  });
  Run();
  EXPECT_EQ(order, (std::vector<std::string>{"input", "work"}));
}

TEST_F(LoopTest, AnyThreadMayPost) {
  std::thread::id ran_on;
  std::thread other([this, &ran_on] {
    loop_.Post([this, &ran_on] {
      ran_on = std::this_thread::get_id();
      loop_.Stop();
    });
  });
  loop_.Run();
  other.join();
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST_F(LoopTest, AnyThreadMayStop) {
  std::thread other([this] { loop_.Stop(); });
  loop_.Run();
  other.join();
  EXPECT_TRUE(loop_.stopping());
}

Task<void> SleepFor(Loop& loop, milliseconds duration, SteadyTime& woke) {
  Loop::Sleeper pause = loop.Sleep(duration);
  co_await pause;
  woke = SteadyNow();
}

TEST_F(LoopTest, SleepersWakeInTheOrderOfTheirTimes) {
  const SteadyTime before = SteadyNow();
  SteadyTime late;
  SteadyTime early;
  Start(SleepFor(loop_, milliseconds(60), late));
  Start(SleepFor(loop_, milliseconds(20), early));
  Run();
  EXPECT_GE(early - before, milliseconds(20));
  EXPECT_GE(late - before, milliseconds(60));
  EXPECT_LT(early, late);
}

TEST_F(LoopTest, SleepOfNothingGoesOnAtOnce) {
  SteadyTime woke;
  Detach(SleepFor(loop_, milliseconds(0), woke));
  EXPECT_NE(woke, SteadyTime());
}

TEST_F(LoopTest, SleepAfterStopGoesOnAtOnce) {
  loop_.Stop();
  loop_.Run();
  SteadyTime woke;
  Detach(SleepFor(loop_, std::chrono::hours(1), woke));
  EXPECT_NE(woke, SteadyTime());
}

// From one turn of the wheel to a moment that is due long before the next usual one.
Task<void> WaitForAMoment(Loop& loop, bool promptly, SteadyTime::duration& took) {
  class Moment final : public Timer {
   public:
    std::coroutine_handle<> waiter;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) { waiter = awaiting; }
    void await_resume() const {}

   private:
    void OnTimer() override { waiter.resume(); }
  };
  Loop::Sleeper turn = loop.Sleep(milliseconds(1));
  co_await turn;
  const SteadyTime before = SteadyNow();
  Moment moment;
  const SteadyTime when = before + TimerWheel::kStep;
  promptly ? loop.ArmPromptly(moment, when) : loop.Arm(moment, when);
  co_await moment;
  took = SteadyNow() - before;
}

TEST_F(LoopTest, TheWheelTurnsFasterForWhoWaitsForAMoment) {
  const auto story = [this]() -> Task<void> {
    SteadyTime::duration took{};
    Task<void> usual = WaitForAMoment(loop_, false, took);
    co_await usual;
    EXPECT_GE(took, TimerWheel::kTick);
    // A machine that is busy with others may hold it up: some time it does not.
    do {
      Task<void> prompt = WaitForAMoment(loop_, true, took);
      co_await prompt;
      EXPECT_GE(took, TimerWheel::kStep);
    } while (took >= TimerWheel::kTick && !loop_.stopping());
    EXPECT_LT(took, TimerWheel::kTick);
  };
  Start(story());
  Run();
}

// A turn that does not end while timers are due.
Task<void> BeBusy(Loop& loop, milliseconds duration, SteadyTime& began, SteadyTime::duration& lateness) {
  Loop::Sleeper begin = loop.Sleep(milliseconds(1));
  co_await begin;
  began = SteadyNow();
  while (SteadyNow() < began + duration) {
  }
  lateness = loop.LatenessSince(began);
}

class LatenessTest : public LoopTest {
 protected:
  // Some ticks of the wheel: it turns while somebody waits.
  static constexpr milliseconds kBusy = 10 * TimerWheel::kTick;

  // A busy turn, and the one behind it.
  Task<void> BeBusyAndLook() {
    Task<void> busy = BeBusy(loop_, kBusy, began_, meanwhile_);
    co_await busy;
    ended_ = SteadyNow();
    Loop::Sleeper turn = loop_.Sleep(milliseconds(1));
    co_await turn;
    afterwards_ = loop_.LatenessSince(began_);
    since_the_end_ = loop_.LatenessSince(ended_);
    looked_ = SteadyNow();
  }

  SteadyTime woke_;
  SteadyTime began_;
  SteadyTime ended_;
  SteadyTime looked_;
  SteadyTime::duration meanwhile_{};
  SteadyTime::duration afterwards_{};
  SteadyTime::duration since_the_end_{};
};

TEST_F(LatenessTest, WhatWaitsForALongTurnIsLateByIt) {
  Start(SleepFor(loop_, 2 * kBusy, woke_));
  Start(BeBusyAndLook());
  Run();
  EXPECT_GE(meanwhile_, kBusy - 2 * TimerWheel::kTick);
  EXPECT_GE(afterwards_, kBusy - 2 * TimerWheel::kTick);
}

// What was late before somebody began to wait does not excuse what he waits for.
TEST_F(LatenessTest, NothingIsLateByMoreThanItsWait) {
  Start(SleepFor(loop_, 2 * kBusy, woke_));
  Start(BeBusyAndLook());
  Run();
  EXPECT_LE(since_the_end_, looked_ - ended_);
}

// One of each wait that a loop can be asked for.
class StopTest : public kit::LoopFixture {
 protected:
  Task<void> ReadForever() {
    std::string text;
    Task<IoResult> read = ReadSome(*pair_.ours, text);
    statuses_.push_back((co_await read).status);
  }
  Task<void> WriteForever() {
    const std::string much(16 << 20, 'x');
    Task<IoResult> write = WriteAll(*pair_.ours, much);
    statuses_.push_back((co_await write).status);
  }
  Task<void> AcceptForever() {
    auto acceptor = Acceptor::Listen(loop_, *Address::Parse("127.0.0.1:0"), Sharing::kNone);
    Task<std::unique_ptr<Stream>> accept = (*acceptor)->Accept();
    accepted_ = co_await accept;
  }
  Task<void> SleepForever() {
    Loop::Sleeper pause = loop_.Sleep(std::chrono::hours(1));
    co_await pause;
  }
  Task<void> ReadWithDeadline() {
    std::string text;
    second_.ours->SetReadDeadline(SteadyNow() + std::chrono::hours(1));
    Task<IoResult> read = ReadSome(*second_.ours, text);
    statuses_.push_back((co_await read).status);
  }

  Pair pair_ = ConnectedPair();
  Pair second_ = ConnectedPair();
  std::vector<IoStatus> statuses_;
  std::unique_ptr<Stream> accepted_;
};

TEST_F(StopTest, EveryWaitEnds) {
  Start(ReadForever());
  Start(WriteForever());
  Start(AcceptForever());
  Start(SleepForever());
  Start(ReadWithDeadline());
  EXPECT_EQ(running_, 5);
  loop_.Stop();
  loop_.Run();
  EXPECT_EQ(running_, 0);
  EXPECT_EQ(statuses_, std::vector<IoStatus>(3, IoStatus::kCancelled));
  EXPECT_EQ(accepted_, nullptr);
}

TEST_F(StopTest, StreamMadeAfterStopIsClosed) {
  loop_.Stop();
  loop_.Run();
  Pair late = ConnectedPair();
  std::string text;
  std::optional<IoResult> result;
  const auto read = [&]() -> Task<void> {
    Task<IoResult> once = ReadSome(*late.ours, text);
    result = co_await once;
  };
  Detach(read());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, IoStatus::kCancelled);
}

TEST_F(StopTest, AcceptorMadeAfterStopIsClosed) {
  loop_.Stop();
  loop_.Run();
  Start(AcceptForever());
  EXPECT_EQ(running_, 0);
}

TEST_F(StopTest, StoppingTwiceIsHarmless) {
  Start(SleepForever());
  loop_.Stop();
  loop_.Stop();
  loop_.Run();
  EXPECT_EQ(running_, 0);
}

}  // namespace
}  // namespace tollgate::io
