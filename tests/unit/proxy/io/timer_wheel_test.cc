#include "proxy/io/timer_wheel.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace tollgate::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kTwoTicks = 2 * TimerWheel::kTick;

class TestTimer final : public Timer {
 public:
  std::function<void()> on_timer = [] {};
  int fired = 0;

 private:
  void OnTimer() override {
    ++fired;
    on_timer();
  }
};

class TimerWheelTest : public ::testing::Test {
 protected:
  void Arm(TestTimer& timer, milliseconds after) { wheel_->Arm(timer, now_ + after); }
  void Advance(milliseconds by) {
    now_ += by;
    wheel_->Advance(now_);
  }

  SteadyTime now_ = SteadyTime() + std::chrono::hours(1);
  std::optional<TimerWheel> wheel_{std::in_place, now_};
  TestTimer timer_;
  TestTimer other_;
};

TEST_F(TimerWheelTest, NeverFiresBeforeItsTime) {
  Arm(timer_, milliseconds(100));
  for (int i = 0; i < 99; ++i) Advance(milliseconds(1));
  EXPECT_EQ(timer_.fired, 0);
}

TEST_F(TimerWheelTest, FiresAtMostTwoTicksLate) {
  Arm(timer_, milliseconds(100));
  Advance(milliseconds(100) + kTwoTicks);
  EXPECT_EQ(timer_.fired, 1);
  EXPECT_FALSE(timer_.armed());
  EXPECT_TRUE(wheel_->empty());
}

TEST_F(TimerWheelTest, FiresWithinTwoStepsOfAWheelThatTurnsByThem) {
  for (int after = 0; after < 16; ++after) {
    Advance(milliseconds(1));
    Arm(timer_, milliseconds(after));
    Advance(milliseconds(after));
    Advance(TimerWheel::kStep);
    Advance(TimerWheel::kStep);
    EXPECT_EQ(timer_.fired, after + 1);
  }
}

TEST_F(TimerWheelTest, FiresOnce) {
  Arm(timer_, milliseconds(1));
  Advance(seconds(60));
  Advance(seconds(60));
  EXPECT_EQ(timer_.fired, 1);
}

TEST_F(TimerWheelTest, PastDeadlineFiresSoon) {
  Arm(timer_, milliseconds(-5000));
  EXPECT_EQ(timer_.fired, 0);
  Advance(kTwoTicks);
  EXPECT_EQ(timer_.fired, 1);
}

TEST_F(TimerWheelTest, CancelledTimerStaysSilent) {
  Arm(timer_, milliseconds(10));
  timer_.Cancel();
  timer_.Cancel();
  EXPECT_TRUE(wheel_->empty());
  Advance(seconds(20));
  EXPECT_EQ(timer_.fired, 0);
}

TEST_F(TimerWheelTest, ArmingAgainMovesIt) {
  Arm(timer_, milliseconds(10));
  Arm(timer_, milliseconds(500));
  Advance(milliseconds(499));
  EXPECT_EQ(timer_.fired, 0);
  Arm(timer_, milliseconds(1));
  Advance(milliseconds(1) + kTwoTicks);
  EXPECT_EQ(timer_.fired, 1);
}

TEST_F(TimerWheelTest, DeadlineBeyondOneTurnIsPassedOver) {
  Arm(timer_, seconds(60));
  for (int i = 0; i < 59; ++i) Advance(seconds(1));
  EXPECT_EQ(timer_.fired, 0);
  Advance(seconds(1) + kTwoTicks);
  EXPECT_EQ(timer_.fired, 1);
}

TEST_F(TimerWheelTest, DestroyedTimerLeaves) {
  {
    TestTimer brief;
    Arm(brief, milliseconds(10));
    EXPECT_FALSE(wheel_->empty());
  }
  EXPECT_TRUE(wheel_->empty());
  Advance(seconds(1));
}

TEST_F(TimerWheelTest, TimerMayBeArmedWithinOnTimer) {
  timer_.on_timer = [this] {
    if (timer_.fired < 3) Arm(timer_, milliseconds(50));
  };
  Arm(timer_, milliseconds(50));
  for (int i = 0; i < 40; ++i) Advance(TimerWheel::kTick);
  EXPECT_EQ(timer_.fired, 3);
}

TEST_F(TimerWheelTest, TimerArmedForThePastWithinOnTimerDoesNotHoldUpTheStep) {
  timer_.on_timer = [this] { wheel_->Arm(timer_, SteadyTime()); };
  wheel_->Arm(timer_, SteadyTime());
  Advance(10 * TimerWheel::kStep);
  EXPECT_EQ(timer_.fired, 10) << "once a step";
}

TEST_F(TimerWheelTest, OneOnTimerMayCancelAnotherThatIsDue) {
  timer_.on_timer = [this] { other_.Cancel(); };
  other_.on_timer = [this] { timer_.Cancel(); };
  Arm(timer_, milliseconds(10));
  Arm(other_, milliseconds(10));
  Advance(milliseconds(10) + kTwoTicks);
  EXPECT_EQ(timer_.fired + other_.fired, 1);
}

TEST_F(TimerWheelTest, OneOnTimerMayDestroyAnotherThatIsDue) {
  auto doomed = std::make_unique<TestTimer>();
  timer_.on_timer = [&doomed] { doomed.reset(); };
  Arm(timer_, milliseconds(10));
  Arm(*doomed, milliseconds(10));
  Advance(milliseconds(10) + kTwoTicks);
  EXPECT_EQ(doomed, nullptr);
  EXPECT_TRUE(wheel_->empty());
}

TEST_F(TimerWheelTest, OneOnTimerMayPutOffAnotherThatIsDue) {
  timer_.on_timer = [this] { Arm(other_, seconds(5)); };
  Arm(timer_, milliseconds(10));
  Arm(other_, milliseconds(10));
  Advance(milliseconds(10) + kTwoTicks);
  EXPECT_EQ(other_.fired, 0);
  Advance(seconds(5) + kTwoTicks);
  EXPECT_EQ(other_.fired, 1);
}

TEST_F(TimerWheelTest, FireAllFiresWhatIsNotDue) {
  Arm(timer_, milliseconds(10));
  Arm(other_, std::chrono::hours(10));
  wheel_->FireAll();
  EXPECT_EQ(timer_.fired, 1);
  EXPECT_EQ(other_.fired, 1);
  EXPECT_TRUE(wheel_->empty());
}

TEST_F(TimerWheelTest, TimerMayOutliveTheWheel) {
  Arm(timer_, milliseconds(10));
  wheel_.reset();
  EXPECT_FALSE(timer_.armed());
  timer_.Cancel();
}

TEST_F(TimerWheelTest, TimerThatIsNeverDueStaysArmed) {
  wheel_.emplace(SteadyTime());
  wheel_->Arm(timer_, SteadyTime::max());
  wheel_->Advance(SteadyTime() + seconds(100));
  EXPECT_EQ(timer_.fired, 0);
  EXPECT_TRUE(timer_.armed());
}

TEST_F(TimerWheelTest, EmptyWheelSkipsAheadAtOnce) {
  const SteadyTime before = SteadyNow();
  for (int i = 0; i < 100; ++i) Advance(std::chrono::hours(24 * 365));
  EXPECT_LT(SteadyNow() - before, seconds(1));
  Arm(timer_, milliseconds(100));
  Advance(milliseconds(99));
  EXPECT_EQ(timer_.fired, 0);
  Advance(milliseconds(1) + kTwoTicks);
  EXPECT_EQ(timer_.fired, 1);
}

TEST_F(TimerWheelTest, TimeThatGoesBackChangesNothing) {
  Arm(timer_, milliseconds(100));
  Advance(milliseconds(50));
  wheel_->Advance(now_ - seconds(1));
  Advance(milliseconds(50) + kTwoTicks);
  EXPECT_EQ(timer_.fired, 1);
}

// The wheel against a sorted map, over random verbs.
class Reference {
 public:
  Reference(SteadyTime start, uint64_t seed) : now_(start), wheel_(start), random_(seed), timers_(40) {
    for (size_t i = 0; i < timers_.size(); ++i) timers_[i].on_timer = [this, i] { Fired(i); };
  }

  void Step() {
    const size_t timer = random_() % timers_.size();
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
      case 3: Arm(timer, RandomDelay()); break;
      case 4:
        timers_[timer].Cancel();
        due_.erase(timer);
        break;
      default: Advance(milliseconds(random_() % (random_() % 50 == 0 ? 30'000 : 200)));
    }
    EXPECT_EQ(wheel_.empty(), due_.empty());
  }

 private:
  // Mostly short, sometimes past, sometimes beyond one turn of the wheel.
  milliseconds RandomDelay() {
    if (random_() % 5 == 0) return milliseconds(random_() % 40'000);
    return milliseconds(static_cast<int64_t>(random_() % 1'000) - 50);
  }
  void Arm(size_t timer, milliseconds delay) {
    wheel_.Arm(timers_[timer], now_ + delay);
    // What is late already is due from now on.
    due_[timer] = std::max(now_, now_ + delay);
  }
  void Fired(size_t timer) {
    ASSERT_TRUE(due_.contains(timer)) << "fired while it was not armed";
    EXPECT_LE(due_[timer], now_) << "fired too early";
    due_.erase(timer);
    if (random_() % 3 == 0) Arm(timer, RandomDelay());
    if (random_() % 5 == 0) Arm(random_() % timers_.size(), RandomDelay());
    if (const size_t other = random_() % timers_.size(); random_() % 5 == 0) {
      timers_[other].Cancel();
      due_.erase(other);
    }
  }
  void Advance(milliseconds by) {
    now_ += by;
    wheel_.Advance(now_);
    for (const auto& [timer, when] : due_) EXPECT_GT(when + kTwoTicks, now_) << "did not fire in time";
  }

  SteadyTime now_;
  TimerWheel wheel_;
  std::mt19937_64 random_;
  std::vector<TestTimer> timers_;
  std::map<size_t, SteadyTime> due_;
};

TEST(TimerWheel, BehavesAsASortedMapDoes) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    Reference reference(SteadyTime() + milliseconds(seed * 3), seed);
    for (int i = 0; i < 3'000; ++i) reference.Step();
  }
}

}  // namespace
}  // namespace tollgate::io
