// The controller's side of a stream, message by message.
#include "controller/publish/conversation.h"

#include <gtest/gtest.h>

#include "tests/unit/push/snapshots.h"

namespace tollgate::publish {
namespace {

using push::kInstallation;
using push::MakeSnapshot;

class ConversationTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const SnapshotFrames> Frames(uint64_t seed) {
    return *SnapshotFrames::Make(*MakeSnapshot(seed));
  }
  static api::ProxyMessage Hello(const std::string& version = "", bool wants_snapshots = true) {
    api::ProxyMessage message;
    message.mutable_hello()->set_proxy("proxy-0");
    message.mutable_hello()->set_installation(kInstallation);
    message.mutable_hello()->set_schema(api::kSnapshotSchema);
    message.mutable_hello()->set_version(version);
    message.mutable_hello()->set_wants_snapshots(wants_snapshots);
    return message;
  }
  static api::ProxyMessage Acknowledgement(const std::string& version, const std::string& refusal = "") {
    api::ProxyMessage message;
    message.mutable_acknowledgement()->set_version(version);
    message.mutable_acknowledgement()->set_refusal(refusal);
    return message;
  }
  static api::ProxyMessage Report(const std::vector<std::string>& stores, bool reachable = true) {
    api::ProxyMessage message;
    message.mutable_report();
    for (const std::string& store : stores) {
      api::StoreHealth& health = *message.mutable_report()->add_stores();
      health.set_store(store);
      health.set_configured(true);
      health.set_reachable(reachable);
    }
    return message;
  }

  // Everything that is said now: the versions of the snapshots that end in it.
  std::vector<std::string> Said() {
    std::vector<std::string> versions;
    std::string begun;
    while (const auto line = talk_.Next()) {
      api::ControllerMessage message;
      EXPECT_TRUE(message.ParseFromString(*line->message));
      if (message.has_begin()) begun = message.begin().version();
      if (message.has_end()) versions.push_back(begun);
    }
    return versions;
  }
  ProxyState State() const { return book_.Proxies(SteadyNow()).at(0); }

  ProxyBook book_;
  Conversation talk_{book_, 1, kInstallation};
};

TEST_F(ConversationTest, NothingIsSaidBeforeHello) {
  talk_.Offer(Frames(1));
  EXPECT_TRUE(Said().empty());
  EXPECT_FALSE(talk_.TakeChanged());
}

TEST_F(ConversationTest, OneSnapshotAtATimeThenTheNewest) {
  const auto first = Frames(1);
  const auto last = Frames(3);
  ASSERT_FALSE(talk_.Hear(Hello()));
  talk_.Offer(first);
  EXPECT_EQ(Said(), std::vector{first->version()});
  talk_.Offer(Frames(2));
  talk_.Offer(last);
  EXPECT_TRUE(Said().empty()) << "the first is not answered for";
  ASSERT_FALSE(talk_.Hear(Acknowledgement(first->version())));
  EXPECT_EQ(Said(), std::vector{last->version()});
}

TEST_F(ConversationTest, WhatHasBegunIsFinished) {
  const auto first = Frames(1);
  const auto second = Frames(2);
  ASSERT_FALSE(talk_.Hear(Hello()));
  talk_.Offer(first);
  ASSERT_TRUE(talk_.Next());
  talk_.Offer(second);
  while (talk_.Next()) {
  }
  ASSERT_FALSE(talk_.Hear(Acknowledgement(first->version())));
  EXPECT_EQ(State().version, first->version());
  EXPECT_EQ(Said(), std::vector{second->version()});
}

TEST_F(ConversationTest, RefusedVersionIsNotRepeated) {
  const auto first = Frames(1);
  ASSERT_FALSE(talk_.Hear(Hello()));
  talk_.Offer(first);
  Said();
  ASSERT_FALSE(talk_.Hear(Acknowledgement(first->version(), "no")));
  talk_.Offer(first);
  EXPECT_TRUE(Said().empty());
  EXPECT_EQ(State().refusal, "no");
}

TEST_F(ConversationTest, BackToWhatIsServedNeedsNoWords) {
  const auto first = Frames(1);
  const auto second = Frames(2);
  ASSERT_FALSE(talk_.Hear(Hello(first->version())));
  talk_.Offer(second);
  Said();
  ASSERT_FALSE(talk_.Hear(Acknowledgement(second->version(), "no")));
  talk_.Offer(first);
  EXPECT_TRUE(Said().empty());
  EXPECT_EQ(State().version, first->version());
}

TEST_F(ConversationTest, ListenerIsSentNothingUntilItWants) {
  const auto first = Frames(1);
  ASSERT_FALSE(talk_.Hear(Hello("", false)));
  talk_.Offer(first);
  EXPECT_TRUE(Said().empty());
  ASSERT_FALSE(talk_.Hear(Acknowledgement(Frames(2)->version())));
  EXPECT_EQ(State().version, Frames(2)->version());
  ASSERT_FALSE(talk_.Hear(Hello(Frames(2)->version(), true)));
  EXPECT_EQ(Said(), std::vector{first->version()});
}

TEST_F(ConversationTest, HelloCountsAsAcknowledgement) {
  const auto first = Frames(1);
  talk_.Offer(first);
  ASSERT_FALSE(talk_.Hear(Hello(first->version())));
  EXPECT_TRUE(Said().empty());
  EXPECT_EQ(State().acknowledged, first->version());
  EXPECT_TRUE(talk_.TakeChanged());
  EXPECT_FALSE(talk_.TakeChanged());
}

TEST_F(ConversationTest, MisuseIsNamed) {
  using Kind = Complaint::Kind;
  const auto complaint = [this](const api::ProxyMessage& message) { return talk_.Hear(message); };
  EXPECT_EQ(complaint(Acknowledgement(std::string(32, 'v')))->kind, Kind::kMisuse);
  api::ProxyMessage hello = Hello();
  hello.mutable_hello()->set_schema(0);
  EXPECT_EQ(complaint(hello)->kind, Kind::kMisuse);
  hello = Hello();
  hello.mutable_hello()->clear_proxy();
  EXPECT_EQ(complaint(hello)->kind, Kind::kMisuse);
  hello.mutable_hello()->set_proxy(std::string(254, 'a'));
  EXPECT_EQ(complaint(hello)->kind, Kind::kMisuse);
  EXPECT_EQ(complaint(Hello("short"))->kind, Kind::kMisuse);
  hello = Hello();
  hello.mutable_hello()->set_installation("other");
  EXPECT_EQ(complaint(hello)->kind, Kind::kMismatch);
  EXPECT_TRUE(book_.Proxies(SteadyNow()).empty());
  ASSERT_FALSE(complaint(Hello()));
  EXPECT_EQ(complaint(Acknowledgement("short"))->kind, Kind::kMisuse);
  hello = Hello();
  hello.mutable_hello()->set_proxy("proxy-1");
  EXPECT_EQ(complaint(hello)->kind, Kind::kMisuse);
  EXPECT_FALSE(complaint(api::ProxyMessage())) << "a newer proxy's further reports";
}

TEST(ProxyBook, NewestStreamOfAProxyCounts) {
  ProxyBook book;
  const SteadyTime now{};
  EXPECT_TRUE(book.Enter(1, "proxy-0", "v1"));
  EXPECT_TRUE(book.Enter(2, "proxy-0", "v2"));
  EXPECT_FALSE(book.Answer(1, "v3", "")) << "the old stream speaks no more for it";
  EXPECT_FALSE(book.Leave(1, now));
  EXPECT_EQ(book.Proxies(now).at(0), (ProxyState{"proxy-0", "v2", "v2", "", true}));
}

TEST(ProxyBook, ProxyThatLeftIsForgottenAfterAWhile) {
  ProxyBook book;
  const SteadyTime now{};
  book.Enter(1, "proxy-1", "v1");
  book.Enter(2, "proxy-0", "v1");
  EXPECT_TRUE(book.Leave(1, now));
  EXPECT_EQ(book.Proxies(now).size(), 2U);
  EXPECT_EQ(book.Proxies(now).at(0).proxy, "proxy-0") << "sorted";
  EXPECT_FALSE(book.Proxies(now).at(1).connected);
  EXPECT_EQ(book.Proxies(now + ProxyBook::kForgetAfter).size(), 1U);
}

TEST(ProxyBook, SaysWhetherAnythingChanged) {
  ProxyBook book;
  EXPECT_TRUE(book.Enter(1, "proxy-0", "v1"));
  EXPECT_FALSE(book.Enter(1, "proxy-0", "v1"));
  EXPECT_TRUE(book.Answer(1, "v2", "no"));
  EXPECT_FALSE(book.Answer(1, "v2", "no"));
  EXPECT_FALSE(book.Answer(7, "v2", "")) << "a stream that never entered";
}

TEST_F(ConversationTest, ReportIsKeptUntilTheNext) {
  talk_.Hear(Hello());
  EXPECT_TRUE(State().stores.empty());
  EXPECT_FALSE(talk_.Hear(Report({"limits", "cache"})));
  EXPECT_TRUE(talk_.TakeChanged());
  EXPECT_TRUE(State().stores.at("limits").reachable);
  EXPECT_FALSE(talk_.Hear(Report({"limits"}, false)));
  EXPECT_TRUE(talk_.TakeChanged());
  EXPECT_FALSE(State().stores.at("limits").reachable);
  EXPECT_EQ(State().stores.size(), 1U);
}

TEST_F(ConversationTest, SameReportAgainIsNoChange) {
  talk_.Hear(Hello());
  talk_.Hear(Report({"limits"}));
  EXPECT_TRUE(talk_.TakeChanged());
  talk_.Hear(Report({"limits"}));
  EXPECT_FALSE(talk_.TakeChanged());
}

TEST_F(ConversationTest, ReportStaysWhereTheSameStreamSaysHelloAgain) {
  talk_.Hear(Hello("", false));
  talk_.Hear(Report({"limits"}));
  talk_.Hear(Hello("", true));
  EXPECT_TRUE(State().stores.contains("limits"));
}

TEST_F(ConversationTest, ReportOfAnEarlierStreamIsForgotten) {
  talk_.Hear(Hello());
  talk_.Hear(Report({"limits"}));
  Conversation next(book_, 2, kInstallation);
  next.Hear(Hello());
  EXPECT_TRUE(State().stores.empty());
  talk_.Hear(Report({"limits"}));
  EXPECT_TRUE(State().stores.empty()) << "what the older stream still says counts no more";
}

TEST_F(ConversationTest, ReportBeforeHelloIsMisuse) {
  const auto complaint = talk_.Hear(Report({"limits"}));
  ASSERT_TRUE(complaint);
  EXPECT_EQ(complaint->sentence, "the proxy reported before it said hello; upgrade the proxy");
}

TEST_F(ConversationTest, ReportOfCountlessStoresIsMisuse) {
  talk_.Hear(Hello());
  EXPECT_TRUE(talk_.Hear(Report(std::vector<std::string>(17, "limits"))));
  EXPECT_TRUE(State().stores.empty());
}

}  // namespace
}  // namespace tollgate::publish
