// The proxy's side of a stream, message by message; and where it looks for controllers.
#include "proxy/snapshot/subscription.h"

#include <gtest/gtest.h>

#include "api/base/backoff.h"
#include "proxy/snapshot/controller_address.h"
#include "tests/unit/push/snapshots.h"

namespace tollgate::snapshot {
namespace {

using push::kInstallation;
using push::MakeSnapshot;

class SubscriptionTest : public ::testing::Test {
 protected:
  static api::ControllerMessage Begin(const api::Snapshot& snapshot) {
    api::ControllerMessage message;
    message.mutable_begin()->set_schema(snapshot.schema());
    message.mutable_begin()->set_installation(snapshot.installation());
    message.mutable_begin()->set_version(snapshot.version());
    return message;
  }
  static api::ControllerMessage Part(const api::Resource& resource) {
    api::ControllerMessage message;
    *message.mutable_part()->add_resources() = resource;
    return message;
  }
  static api::ControllerMessage End() {
    api::ControllerMessage message;
    message.mutable_end();
    return message;
  }

  // The whole of a snapshot; the verdict at its end.
  std::optional<Verdict> HearWhole(const api::Snapshot& snapshot) {
    EXPECT_FALSE(subscription_.Hear(Begin(snapshot)));
    for (const api::Resource& resource : snapshot.resources()) {
      EXPECT_FALSE(subscription_.Hear(Part(resource)));
    }
    return subscription_.Hear(End());
  }

  int applied_ = 0;
  std::string refusal_;
  Subscription subscription_{{.proxy = "proxy-0",
                              .installation = kInstallation,
                              .version = "",
                              .apply = [this](const api::Snapshot& snapshot) -> Status<> {
                                ++applied_;
                                EXPECT_TRUE(api::VerifySnapshot(snapshot).ok());
                                if (!refusal_.empty()) return Fault{refusal_};
                                return Done{};
                              },
                              .bounds = {.bytes = 100'000, .resources = 50}}};
};

TEST_F(SubscriptionTest, HelloSaysWhatIsServed) {
  const auto snapshot = MakeSnapshot(1);
  EXPECT_EQ(subscription_.Hello(true).hello().version(), "");
  ASSERT_TRUE(HearWhole(*snapshot)->accepted);
  const api::Hello hello = subscription_.Hello(false).hello();
  EXPECT_EQ(hello.version(), snapshot->version());
  EXPECT_EQ(hello.schema(), api::kSnapshotSchema);
  EXPECT_FALSE(hello.wants_snapshots());
}

TEST_F(SubscriptionTest, RefusalIsRememberedUntilOneIsTaken) {
  refusal_ = "no";
  const auto bad = MakeSnapshot(1);
  const auto verdict = HearWhole(*bad);
  EXPECT_EQ(verdict->acknowledgement.acknowledgement().refusal(), "no");
  EXPECT_EQ(verdict->acknowledgement.acknowledgement().version(), bad->version());
  EXPECT_FALSE(verdict->accepted);
  ASSERT_TRUE(subscription_.refusal());
  EXPECT_EQ(subscription_.Hello(true).hello().version(), "");
  refusal_ = "";
  ASSERT_TRUE(HearWhole(*MakeSnapshot(2))->accepted);
  EXPECT_FALSE(subscription_.refusal());
}

TEST_F(SubscriptionTest, HalfASnapshotIsNoSnapshot) {
  const auto first = MakeSnapshot(1);
  const auto second = MakeSnapshot(2);
  subscription_.Hear(Begin(*first));
  subscription_.Hear(Part(first->resources(0)));
  subscription_.BreakOff();
  EXPECT_FALSE(subscription_.Hear(Part(first->resources(1))));
  EXPECT_FALSE(subscription_.Hear(End()));
  // Nor do the halves of two make one.
  subscription_.Hear(Begin(*first));
  subscription_.Hear(Part(first->resources(0)));
  ASSERT_TRUE(HearWhole(*second)->accepted);
  EXPECT_EQ(applied_, 1);
}

TEST_F(SubscriptionTest, TooManyBytesOrResourcesAreRefusedUnseen) {
  const auto bytes = HearWhole(*MakeSnapshot(1, {.resources = 20, .bytes_each = 10'000}));
  EXPECT_NE(bytes->acknowledgement.acknowledgement().refusal().find("100000 bytes"), std::string::npos);
  const auto resources = HearWhole(*MakeSnapshot(2, {.resources = 51, .bytes_each = 10}));
  EXPECT_NE(resources->acknowledgement.acknowledgement().refusal().find("50 resources"), std::string::npos);
  EXPECT_EQ(applied_, 0);
  EXPECT_TRUE(HearWhole(*MakeSnapshot(3, {.resources = 50, .bytes_each = 10}))->accepted);
}

TEST_F(SubscriptionTest, LongReasonIsCut) {
  refusal_ = std::string(100'000, 'x');
  EXPECT_LE(HearWhole(*MakeSnapshot(1))->acknowledgement.acknowledgement().refusal().size(), 4096U);
}

TEST(ControllerTarget, FormsThatOperatorsWrite) {
  const auto target = [](const char* text) {
    const auto parsed = ControllerTarget::Parse(text);
    return parsed.ok() ? parsed->host() + (parsed->is_name() ? " name" : " address") : "refused";
  };
  EXPECT_EQ(target("dns:///push.tollgate.svc:9443"), "push.tollgate.svc name");
  EXPECT_EQ(target("push:9443"), "push name");
  EXPECT_EQ(target("10.0.0.7:9443"), "10.0.0.7 address");
  EXPECT_EQ(target("dns:///10.0.0.7:9443"), "10.0.0.7 address");
  EXPECT_EQ(target("[2001:db8::7]:9443"), "2001:db8::7 address");
  for (const char* bad :
       {"", "push", "push:", ":9443", "push:0", "push:65536", "push:94x", "https://push:9443",
        "dns://ns/push:9443", "2001:db8::7:9443", "[push]:9443", "a b:1", "[::1:9443"}) {
    EXPECT_EQ(target(bad), "refused") << bad;
  }
}

TEST(ControllerTarget, AddressesNeedNoResolver) {
  const auto v4 = ControllerTarget::Parse("10.0.0.7:9443")->Resolve();
  ASSERT_EQ(v4.size(), 1U);
  EXPECT_EQ(v4[0].ToString(), "10.0.0.7:9443");
  EXPECT_EQ(ControllerTarget::Parse("[::1]:1")->Resolve().at(0).ToString(), "[::1]:1");
  for (const ControllerAddress& address : ControllerTarget::Parse("localhost:1")->Resolve()) {
    EXPECT_EQ(address.host, "localhost");
  }
}

TEST(Backoff, DoublesToItsCapWithJitter) {
  using std::chrono::milliseconds;
  Backoff longest(milliseconds(200), milliseconds(5'000), [] { return 1.0; });
  std::vector<int64_t> waits;
  for (int i = 0; i < 7; ++i) waits.push_back(longest.Next().count());
  EXPECT_EQ(waits, (std::vector<int64_t>{200, 400, 800, 1'600, 3'200, 5'000, 5'000}));
  longest.Reset();
  EXPECT_EQ(longest.Next().count(), 200);
  Backoff shortest(milliseconds(200), milliseconds(5'000), [] { return 0.0; });
  EXPECT_EQ(shortest.Next().count(), 100);
}

}  // namespace
}  // namespace tollgate::snapshot
