// When the condition Enforced of a plan is written, and when it is waited for.
#include "tests/unit/controller/publish/status_book_fixture.h"

namespace tollgate::publish {
namespace {

class EnforcedTest : public StatusBookTest {
 protected:
  // A plan, and these proxies; how many statuses that writes.
  size_t Start(const std::vector<ProxyState>& proxies) {
    compile::ObjectVerdict plan = Plan("gold");
    plan.when_store_is_down = api::LOCAL;
    input_ = Compiled({plan}, kFirst, proxies);
    return Accept(input_);
  }
  size_t Now(const std::vector<ProxyState>& proxies) { return Proxies(input_, proxies); }

  std::string Said() {
    const StatusCondition condition = Condition(Plan("gold"), "Enforced");
    return condition.status + "/" + condition.reason;
  }
  std::string Message() { return Condition(Plan("gold"), "Enforced").message; }

  StatusInput input_;
};

TEST_F(EnforcedTest, SecondProxyEndsEnforcementAfterHalfAMinute) {
  Start({Serving("p1", kFirst)});
  EXPECT_EQ(Said(), "True/InProcess");
  EXPECT_EQ(Now({Serving("p1", kFirst), Serving("p2", kFirst)}), 0u);
  EXPECT_EQ(After(seconds(30)), 1u);
  EXPECT_EQ(Said(), "False/NoSharedStore");
  EXPECT_EQ(Now({Serving("p1", kFirst), Serving("p2", kFirst), Serving("p3", kFirst)}), 0u);
}

TEST_F(EnforcedTest, WithoutProxiesItIsNotClaimed) {
  Start({});
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Said(), "/");
}

TEST_F(EnforcedTest, RoutesHaveNone) {
  Accept(Compiled({Route("quotes")}, kFirst, {Serving("p1", kFirst)}));
  EXPECT_EQ(Enforced(Route("quotes")), "");
}

TEST_F(EnforcedTest, StoreThatAllReachIsSaidAtOnce) {
  EXPECT_EQ(Start({Reaching("p1"), Reaching("p2")}), 1u);
  EXPECT_EQ(Said(), "True/StoreReached");
}

TEST_F(EnforcedTest, FirstReportIsWaitedForAWhile) {
  Start({Silent("p1")});
  EXPECT_EQ(Said(), "/");
  EXPECT_EQ(Now({Reaching("p1")}), 1u);
  EXPECT_EQ(Said(), "True/StoreReached");
  EXPECT_EQ(After(seconds(3'600)), 0u);
}

TEST_F(EnforcedTest, ProxyThatDoesNotReportLeavesItUnknownUntilItDoes) {
  Start({Silent("p1")});
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Said(), "Unknown/NotReported");
  EXPECT_EQ(Now({Reaching("p1")}), 1u);
  EXPECT_EQ(Said(), "True/StoreReached");
}

TEST_F(EnforcedTest, OutageIsSaidOnceItHasLastedHalfAMinute) {
  Start({Reaching("p1"), Reaching("p2")});
  EXPECT_EQ(Now({Reaching("p1"), CutOff("p2")}), 0u);
  EXPECT_EQ(After(seconds(29)), 0u);
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Said(), "False/StoreUnreachable");
  EXPECT_EQ(After(seconds(3'600)), 0u);
}

TEST_F(EnforcedTest, MomentWithoutProxiesDoesNotBeginTheHalfMinuteAnew) {
  Start({Reaching("p1")});
  Now({CutOff("p1")});
  After(seconds(20));
  EXPECT_EQ(Now({}), 0u);
  EXPECT_EQ(Now({CutOff("p1")}), 0u);
  EXPECT_EQ(After(seconds(10)), 1u);
  EXPECT_EQ(Said(), "False/StoreUnreachable");
}

TEST_F(EnforcedTest, OutageThatEndsBeforeThatIsNotSaid) {
  Start({Reaching("p1")});
  Now({CutOff("p1")});
  After(seconds(29));
  EXPECT_EQ(Now({Reaching("p1")}), 0u);
  EXPECT_EQ(After(seconds(3'600)), 0u);
  EXPECT_EQ(Said(), "True/StoreReached");
}

TEST_F(EnforcedTest, EndOfAnOutageIsSaidOnceItHasLastedHalfAMinute) {
  Start({CutOff("p1")});
  EXPECT_EQ(Said(), "False/StoreUnreachable");
  EXPECT_EQ(Now({Reaching("p1")}), 0u);
  EXPECT_EQ(After(seconds(29)), 0u);
  EXPECT_EQ(Now({CutOff("p1")}), 0u);
  EXPECT_EQ(Now({Reaching("p1")}), 0u);
  EXPECT_EQ(After(seconds(29)), 0u);
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Said(), "True/StoreReached");
}

TEST_F(EnforcedTest, WhoIsConcernedMayChangeWithoutDelayingTheNews) {
  Start({Reaching("p1"), Reaching("p2")});
  Now({CutOff("p1"), Reaching("p2")});
  After(seconds(29));
  EXPECT_EQ(Now({Reaching("p1"), CutOff("p2")}), 0u);
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_NE(Message().find("Proxy p2"), std::string::npos) << Message();
}

TEST_F(EnforcedTest, NamesAreKeptUpToDateWhenTheyHaveSettled) {
  Start({CutOff("p1"), Reaching("p2")});
  EXPECT_EQ(Now({CutOff("p1"), CutOff("p2")}), 0u);
  EXPECT_EQ(After(seconds(20)), 0u);
  EXPECT_EQ(Now({Reaching("p1"), CutOff("p2")}), 0u);
  EXPECT_EQ(After(seconds(29)), 0u);
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_NE(Message().find("Proxy p2"), std::string::npos) << Message();
}

TEST_F(EnforcedTest, EditOfWhatThePlanDoesMeanwhileIsSaidWithIt) {
  Start({CutOff("p1")});
  compile::ObjectVerdict plan = Plan("gold", 2);
  plan.when_store_is_down = api::CLOSED;
  EXPECT_EQ(Accept(Compiled({plan}, kFirst, {CutOff("p1")})), 1u);
  EXPECT_NE(Message().find("whenStoreIsDown: Closed"), std::string::npos) << Message();
  EXPECT_EQ(Condition(plan, "Enforced").observed_generation, 2);
}

TEST_F(EnforcedTest, RestartedControllerSaysNothingNew) {
  Start({Reaching("p1"), CutOff("p2")});
  book_ = NewBook();
  EXPECT_EQ(Now({}), 0u);
  EXPECT_EQ(Now({Silent("p1")}), 0u);
  EXPECT_EQ(Now({Reaching("p1"), Silent("p2")}), 0u);
  EXPECT_EQ(Now({Reaching("p1"), CutOff("p2")}), 0u);
  EXPECT_EQ(After(seconds(3'600)), 0u);
  EXPECT_EQ(Said(), "False/StoreUnreachable");
}

TEST_F(EnforcedTest, TransitionTimeIsThatOfTheStatus) {
  Start({CutOff("p1"), Reaching("p2")});
  const WallMicros began = Condition(Plan("gold"), "Enforced").since;
  Now({CutOff("p1"), CutOff("p2")});
  EXPECT_EQ(After(seconds(30)), 1u);
  EXPECT_EQ(Condition(Plan("gold"), "Enforced").since, began);
  Now({Reaching("p1"), Reaching("p2")});
  EXPECT_EQ(After(seconds(30)), 1u);
  EXPECT_EQ(Condition(Plan("gold"), "Enforced").since, Wall());
}

}  // namespace
}  // namespace tollgate::publish
