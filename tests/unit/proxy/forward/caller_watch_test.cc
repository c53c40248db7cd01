// A caller who leaves while the upstream is silent.
#include <gmock/gmock.h>

#include <functional>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using http::Framing;
using std::chrono::milliseconds;

// The upstream reads the request and says nothing; nothing but the caller ends that.
class CallerWatchTest : public ForwarderFixture {
 protected:
  CallerWatchTest() { OnConnection({{""}}); }
  // Forwards, and lets the caller act once it is watched.
  void ForwardAnd(const std::function<void()>& act) {
    Start(WhenWatched(act));
    Forward(x_);
  }
  kit::FakeDownstream& caller() { return x_.downstream(); }

  kit::TestExchange x_{"POST", "/"};

 private:
  io::Task<void> WhenWatched(std::function<void()> act) {
    while (!caller().watched() && !loop_.stopping()) {
      io::Loop::Sleeper pause = loop_.Sleep(milliseconds(1));
      co_await pause;
    }
    act();
  }
};

TEST_F(CallerWatchTest, OneWhoGoesEndsTheWait) {
  ForwardAnd([this] { caller().GoAway(); });
  EXPECT_NE(outcome(), "sent");
  EXPECT_FALSE(caller().watched());
}

TEST_F(CallerWatchTest, OneWhoHasGoneBeforeThereWasAConnectionIsNotServed) {
  caller().GoAway();
  Forward(x_);
  EXPECT_NE(outcome(), "sent");
  for (const std::string& request : received()) EXPECT_EQ(request, "");
}

TEST_F(CallerWatchTest, OneWhoGoesEndsTheWaitAfterABody) {
  caller().SetBody({Framing::Kind::kLength, 5}, {"he", "llo"});
  ForwardAnd([this] { caller().GoAway(); });
  EXPECT_NE(outcome(), "sent");
  EXPECT_TRUE(received()[0].ends_with("hello"));
}

TEST_F(CallerWatchTest, OneWhoEndsItsSideGetsAnAnswerThatComesInTime) {
  caller().EndSending();
  caller().SetBody({Framing::Kind::kLength, 5}, {"hello"});
  OnConnection({{kHello}});
  kit::TestExchange answered("GET", "/");
  answered.downstream().EndSending();
  Forward({&x_, &answered});
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(answered.downstream().body(), "hello");
}

TEST_F(CallerWatchTest, OneWhoEndsItsSideIsNotWaitedForLong) {
  ForwardAnd([this] { caller().EndSending(); });
  EXPECT_NE(outcome(), "sent");
  EXPECT_TRUE(caller().aborted());
}

TEST_F(CallerWatchTest, OneWhoEndsItsSideIsToldOfTheUpstreamsOwnTimeout) {
  timeouts().set_first_byte_ms(20);
  ForwardAnd([this] { caller().EndSending(); });
  EXPECT_EQ(outcome(), "upstream-timeout/first-byte-timeout");
  EXPECT_FALSE(caller().aborted());
}

class StaleWatchTest : public ForwarderFixture {};

TEST_F(StaleWatchTest, NothingIsRepeatedForOneWhoIsGone) {
  OnConnection({{kHello}, {""}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("GET", "/2");
  Start([](io::Loop& loop, kit::FakeDownstream& caller) -> io::Task<void> {
    while (!caller.watched() && !loop.stopping()) {
      io::Loop::Sleeper pause = loop.Sleep(milliseconds(1));
      co_await pause;
    }
    caller.GoAway();
  }(loop_, second.downstream()));
  Forward({&first, &second});
  EXPECT_NE(outcome(), "sent");
  EXPECT_EQ(second->attempts, 1U);
  EXPECT_EQ(connections(), 1U);
}

}  // namespace
}  // namespace tollgate::forward
