#include "controller/publish/status_book.h"

#include <gtest/gtest.h>

#include "tests/unit/controller/publish/verdicts.h"

namespace tollgate::publish {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A book, and objects that take whatever it writes.
class StatusBookTest : public testing::Test {
 protected:
  std::unique_ptr<StatusBook> book_ = NewBook();
  SteadyTime now_{seconds(1'000)};
  std::map<ObjectKey, ObjectStatus> objects_;
  int reads_ = 0;
  std::vector<std::string> written_;  // names, since the last Settle

  static std::unique_ptr<StatusBook> NewBook() {
    return std::make_unique<StatusBook>("shop", StatusPatience{});
  }

  // Runs every errand that is due; returns how many statuses were written.
  size_t Settle() {
    written_.clear();
    while (auto errand = book_->Next(now_, Wall())) {
      if (errand->status) {
        written_.push_back(errand->object.name.name);
        objects_[errand->object] = *errand->status;
        book_->Written(errand->object, *errand->status, now_);
      } else {
        ++reads_;
        book_->Found(errand->object, objects_[errand->object], now_);
      }
    }
    return written_.size();
  }

  size_t Accept(const StatusInput& input) {
    book_->Accept(input, now_);
    return Settle();
  }
  size_t After(milliseconds time) {
    now_ += time;
    return Settle();
  }
  // The same compile, other proxies.
  size_t Proxies(StatusInput& input, std::vector<ProxyState> proxies) {
    input.proxies = std::move(proxies);
    return Accept(input);
  }

  WallMicros Wall() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch()).count();
  }
  StatusCondition Condition(const compile::ObjectVerdict& verdict, const std::string& type) {
    const StatusCondition* found = objects_[KeyOf(verdict)].Find(type);
    return found == nullptr ? StatusCondition{} : *found;
  }
  std::string Programmed(const compile::ObjectVerdict& verdict) {
    return Condition(verdict, "Programmed").reason;
  }
  std::string Enforced(const compile::ObjectVerdict& verdict) {
    return Condition(verdict, "Enforced").reason;
  }
};

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

TEST_F(StatusBookTest, SecondProxyEndsEnforcementAfterHalfAMinute) {
  StatusInput input = Compiled({Plan("gold")}, kFirst, {Serving("p1", kFirst)});
  Accept(input);
  EXPECT_EQ(Enforced(Plan("gold")), "InProcess");
  EXPECT_EQ(Proxies(input, {Serving("p1", kFirst), Serving("p2", kFirst)}), 0u);
  EXPECT_EQ(After(seconds(30)), 1u);
  EXPECT_EQ(Enforced(Plan("gold")), "NoSharedStore");
  EXPECT_EQ(Proxies(input, {Serving("p1", kFirst), Serving("p2", kFirst), Serving("p3", kFirst)}), 0u);
}

TEST_F(StatusBookTest, WithoutProxiesEnforcementIsNotClaimed) {
  Accept(Compiled({Plan("gold")}, kFirst, {}));
  EXPECT_EQ(After(seconds(1)), 1u);
  EXPECT_EQ(Enforced(Plan("gold")), "");
}

TEST_F(StatusBookTest, RoutesAreNotEnforced) {
  Accept(Compiled({Route("quotes")}, kFirst, {Serving("p1", kFirst)}));
  EXPECT_EQ(Enforced(Route("quotes")), "");
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
