#include "tests/unit/controller/publish/status_book_fixture.h"

namespace tollgate::publish {
namespace {

TEST_F(StatusBookTest, ObjectIsReadBeforeItIsWritten) {
  book_->Accept(Compiled({Route("quotes")}, kFirst, {Serving("p1", kFirst)}), now_);
  const auto errand = book_->Next(now_, Wall());
  ASSERT_TRUE(errand);
  EXPECT_FALSE(errand->status);
  EXPECT_FALSE(book_->Next(now_, Wall())) << "one errand at a time for an object";
}

TEST_F(StatusBookTest, WhatAnObjectHasIsNotWritten) {
  const StatusInput input = Compiled({Plan("gold"), Route("quotes")}, kFirst, {Serving("p1", kFirst)});
  EXPECT_EQ(Accept(input), 2u);
  book_ = NewBook();  // a controller that starts anew
  EXPECT_EQ(Accept(input), 0u);
  EXPECT_EQ(reads_, 4);
}

TEST_F(StatusBookTest, EditOfOneObjectWritesOneStatusWhereProxiesAreQuick) {
  Accept(Compiled({Route("a"), Route("b"), Route("c")}, kFirst, {Serving("p1", kFirst)}));
  StatusInput edited = Compiled({Route("a"), Route("b", 2), Route("c")}, kSecond, {Serving("p1", kFirst)});
  EXPECT_EQ(Accept(edited), 0u);
  now_ += milliseconds(300);
  EXPECT_EQ(Proxies(edited, {Serving("p1", kSecond)}), 1u);
  EXPECT_EQ(written_[0], "b");
  EXPECT_EQ(After(seconds(3'600)), 0u);
}

TEST_F(StatusBookTest, SlowProxiesArePendingAfterASecond) {
  StatusInput input = Compiled({Route("quotes")}, kFirst, {Serving("p1", "")});
  EXPECT_EQ(Accept(input), 0u);
  EXPECT_EQ(book_->NextDue(), now_ + seconds(1));
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Programmed(Route("quotes")), "Pending");
  EXPECT_EQ(Proxies(input, {Serving("p1", kFirst)}), 1u);
  EXPECT_EQ(Programmed(Route("quotes")), "Programmed");
}

TEST_F(StatusBookTest, CountsInAPendingAreNotKeptUpToDateWithEveryProxy) {
  StatusInput input =
      Compiled({Route("quotes")}, kFirst, {Serving("p1", ""), Serving("p2", ""), Serving("p3", "")});
  Accept(input);
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Proxies(input, {Serving("p1", kFirst), Serving("p2", ""), Serving("p3", "")}), 0u);
  EXPECT_EQ(Proxies(input, {Serving("p1", kFirst), Serving("p2", kFirst), Serving("p3", "")}), 0u);
  EXPECT_EQ(After(seconds(30)), 1u);
  EXPECT_EQ(After(seconds(30)), 0u);
}

TEST_F(StatusBookTest, MistakeIsWrittenAtOnce) {
  EXPECT_EQ(Accept(Compiled({InvalidRoute("quotes")}, kFirst, {})), 1u);
  EXPECT_EQ(Condition(Route("quotes"), "Accepted").status, "False");
  EXPECT_EQ(Programmed(Route("quotes")), "Invalid");
}

TEST_F(StatusBookTest, ObjectThatIsMendedIsProgrammedOnlyWhenProxiesServeIt) {
  Accept(Compiled({InvalidRoute("quotes")}, kFirst, {Serving("p1", kFirst)}));
  // The host that another route held has become free: no new generation.
  StatusInput mended = Compiled({Route("quotes")}, kSecond, {Serving("p1", kFirst)});
  EXPECT_EQ(Accept(mended), 0u);
  EXPECT_EQ(Proxies(mended, {Serving("p1", kSecond)}), 1u);
  EXPECT_EQ(Programmed(Route("quotes")), "Programmed");
}

TEST_F(StatusBookTest, RefusalIsWrittenAtOnceForWhatTheEditChanged) {
  Accept(Compiled({Route("a"), Route("b")}, kFirst, {Serving("p1", kFirst)}));
  EXPECT_EQ(Accept(Compiled({Route("a"), Route("b", 2)}, kSecond, {Refusing("p1", kFirst, kSecond)})), 1u);
  EXPECT_EQ(Programmed(Route("a")), "Programmed");
  EXPECT_EQ(Programmed(Route("b")), "ProxyRefused");
}

TEST_F(StatusBookTest, RestartedControllerTakesNothingBackWhileProxiesComeBack) {
  const Verdicts verdicts = {Plan("gold"), Route("quotes")};
  Accept(Compiled(verdicts, kFirst, {Serving("p1", kFirst), Serving("p2", kFirst)}));
  book_ = NewBook();
  StatusInput input = Compiled(verdicts, kSecond, {});
  EXPECT_EQ(Accept(input), 0u);
  EXPECT_EQ(After(seconds(5)), 0u);
  EXPECT_EQ(Proxies(input, {Serving("p1", kFirst)}), 0u);
  EXPECT_EQ(Proxies(input, {Serving("p1", kSecond), Serving("p2", kFirst)}), 0u);
  EXPECT_EQ(Proxies(input, {Serving("p1", kSecond), Serving("p2", kSecond)}), 0u);
  EXPECT_EQ(After(seconds(3'600)), 0u);
}

TEST_F(StatusBookTest, ProxyThatStartsTakesNothingBackForHalfAMinute) {
  StatusInput input = Compiled({Route("quotes")}, kFirst, {Serving("p1", kFirst)});
  Accept(input);
  EXPECT_EQ(Proxies(input, {Serving("p1", kFirst), Serving("p2", "")}), 0u);
  EXPECT_EQ(After(seconds(29)), 0u);
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Programmed(Route("quotes")), "Pending");
}

TEST_F(StatusBookTest, LastProxyThatLeavesIsSaidAfterHalfAMinute) {
  StatusInput input = Compiled({Route("quotes")}, kFirst, {Serving("p1", kFirst)});
  Accept(input);
  EXPECT_EQ(Proxies(input, {Left("p1", kFirst)}), 0u);
  EXPECT_EQ(After(seconds(30)), 1u);
  EXPECT_EQ(Programmed(Route("quotes")), "NoProxies");
}

TEST_F(StatusBookTest, TransitionTimeIsWhenItHappened) {
  StatusInput input = Compiled({Route("quotes")}, kFirst, {Serving("p1", "")});
  Accept(input);
  After(seconds(1));
  const WallMicros accepted = Condition(Route("quotes"), "Accepted").since;
  now_ += seconds(60);
  Proxies(input, {Serving("p1", kFirst)});
  EXPECT_EQ(Condition(Route("quotes"), "Accepted").since, accepted);
  EXPECT_EQ(Condition(Route("quotes"), "Programmed").since, Wall());
}

TEST_F(StatusBookTest, SuccessorOfTheSameNameIsReadAnew) {
  StatusInput input = Compiled({Route("quotes")}, kFirst, {Serving("p1", kFirst)});
  input.uids = std::make_shared<const UidTable>(UidTable{{KeyOf(Route("quotes")), "one"}});
  EXPECT_EQ(Accept(input), 1u);
  objects_.clear();
  input.verdicts = std::make_shared<const Verdicts>(*input.verdicts);
  EXPECT_EQ(Accept(input), 0u);
  input.verdicts = std::make_shared<const Verdicts>(*input.verdicts);
  input.uids = std::make_shared<const UidTable>(UidTable{{KeyOf(Route("quotes")), "two"}});
  EXPECT_EQ(Accept(input), 1u);
}

TEST_F(StatusBookTest, ObjectThatIsNoLongerThereHasNoErrand) {
  book_->Accept(Compiled({Route("quotes")}, kFirst, {}), now_);
  EXPECT_EQ(Accept(Compiled({}, kSecond, {})), 0u);
  EXPECT_EQ(reads_, 0);
  EXPECT_EQ(book_->NextDue(), SteadyTime::max());
}

TEST_F(StatusBookTest, WhatIsGoneIsLeftAloneUntilItIsAnother) {
  const std::vector<ProxyState> proxies = {Serving("p1", kFirst), Serving("p1", kSecond)};
  book_->Accept(Compiled({Route("quotes")}, kFirst, proxies), now_);
  book_->Gone(book_->Next(now_, Wall())->object);
  EXPECT_EQ(Accept(Compiled({Route("quotes")}, kSecond, proxies)), 0u);
  EXPECT_EQ(reads_, 0);
  Accept(Compiled({Route("quotes", 2)}, kSecond, {Serving("p1", kSecond)}));
  EXPECT_EQ(reads_, 1);
}

TEST_F(StatusBookTest, PostponedObjectIsReadAgainLaterAndHoldsNobodyUp) {
  book_->Accept(Compiled({Route("a"), Route("b")}, kFirst, {Serving("p1", kFirst)}), now_);
  const auto first = book_->Next(now_, Wall());
  book_->Postpone(first->object, now_);
  EXPECT_EQ(Settle(), 1u);
  EXPECT_EQ(written_[0], "b");
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(written_[0], "a");
}

TEST_F(StatusBookTest, WhoWaitsKeepsItsTurnWhateverComesIn) {
  Verdicts verdicts = {Route("a"), Route("z")};
  const std::vector<ProxyState> proxies = {Serving("p1", kFirst)};
  Accept(Compiled(verdicts, kFirst, proxies));
  verdicts[1].rule_count = 3;
  book_->Accept(Compiled(verdicts, kFirst, proxies), now_);
  now_ += milliseconds(1);
  verdicts[0].rule_count = 3;
  book_->Accept(Compiled(verdicts, kFirst, proxies), now_);
  ASSERT_EQ(Settle(), 2u);
  EXPECT_EQ(written_, (std::vector<std::string>{"z", "a"}));
}

TEST_F(StatusBookTest, CountsWhatIsTrue) {
  Accept(Compiled({Plan("gold"), Route("a"), InvalidRoute("b")}, kFirst, {Serving("p1", kFirst)}));
  const ConditionCounts counts = book_->Counts(now_);
  EXPECT_EQ(counts.at({"GatewayRoute", "All"}), 2u);
  EXPECT_EQ(counts.at({"GatewayRoute", "Accepted"}), 1u);
  EXPECT_EQ(counts.at({"GatewayRoute", "Programmed"}), 1u);
  EXPECT_EQ(counts.at({"ApiPlan", "Enforced"}), 1u);
}

}  // namespace
}  // namespace tollgate::publish
