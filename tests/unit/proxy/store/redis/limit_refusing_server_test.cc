// A server that answers, but does not decide: what of this is the server's trouble, and what one caller's.
#include <gmock/gmock.h>

#include "tests/unit/proxy/store/redis/limit_fault_fixture.h"

namespace tollgate::store {
namespace {

using kit::Eventually;
using ::testing::HasSubstr;
using ::testing::Not;

class LimitRefusals : public LimitFaultFixture {
 protected:
  // What is written to the log meanwhile.
  template <class Work>
  static std::string LogOf(Work work) {
    testing::internal::CaptureStderr();
    work();
    return testing::internal::GetCapturedStderr();
  }
  // The circuit is open for `why`, and each request is answered by its plan.
  void ExpectUnused(const std::string& why) {
    ASSERT_TRUE(Eventually([&] { return node_->node().trouble().find(why) != std::string::npos; }))
        << node_->node().trouble();
    EXPECT_TRUE(node_->node().open());
    const RequestBuilder caller = Caller(1, 10, 10);
    EXPECT_EQ(Decide(caller).verdict, LimitVerdict::kUnavailable);
  }
};

TEST_F(LimitRefusals, APasswordThatIsMissingIsSaid) {
  server_.Ask({"CONFIG", "SET", "requirepass", "the-real-password"});
  Start();
  ExpectUnused("it refuses PING: NOAUTH");
}

TEST_F(LimitRefusals, AWrongPasswordIsSaidAndNotShown) {
  server_.Ask({"CONFIG", "SET", "requirepass", "the-real-password"});
  LimitNodeOptions options = Options();
  options.address.password = "a-wrong-password";
  const std::string log = LogOf([&] {
    Start(options);
    ExpectUnused("it refuses AUTH: WRONGPASS");
  });
  EXPECT_THAT(log, HasSubstr("WRONGPASS"));
  EXPECT_THAT(log, Not(HasSubstr("a-wrong-password")));
  EXPECT_THAT(node_->node().trouble(), Not(HasSubstr("a-wrong-password")));
}

TEST_F(LimitRefusals, AFullStoreIsNotUsedUntilItHasRoom) {
  Start();
  const RequestBuilder caller = Caller(1, 100, 100, api::LOCAL);
  EXPECT_EQ(Decide(caller, 5).admitted, 5u);
  server_.Ask({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(Decide(caller, 5).local, 5u);
  ExpectUnused("OOM");
  server_.Ask({"CONFIG", "SET", "maxmemory", "0"});
  ASSERT_TRUE(StoreDecidesAgain());
  EXPECT_TRUE(UsedBecomes(10)) << Used();
}

TEST_F(LimitRefusals, AReplicaIsNotUsedUntilItIsAMaster) {
  const kit::RedisServer master;
  Start();
  const RequestBuilder caller = Caller(1, 100, 100, api::LOCAL);
  EXPECT_EQ(Decide(caller, 5).admitted, 5u);
  server_.Ask({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
  EXPECT_EQ(Decide(caller, 5).local, 5u);
  ASSERT_TRUE(CircuitOpens());
  ExpectUnused("READONLY");
  server_.Ask({"REPLICAOF", "NO", "ONE"});
  ASSERT_TRUE(StoreDecidesAgain());
  // The replica took over the master's data, which was none; the writer has entered its part again.
  EXPECT_TRUE(UsedBecomes(10)) << Used();
}

TEST_F(LimitRefusals, AServerThatForbidsTheScriptIsNotUsed) {
  server_.Ask({"ACL", "SETUSER", "default", "-@scripting"});
  Start();
  ExpectUnused("it refuses to decide: NOPERM");
}

// Whoever writes junk under a record hurts its owner alone.
TEST_F(LimitRefusals, ASpoiltRecordIsItsOwnersTroubleAlone) {
  Start();
  const RequestBuilder ann = Caller(1, 100, 100, api::LOCAL);
  const RequestBuilder bob = Caller(2, 100, 100, api::LOCAL);
  EXPECT_EQ(Decide(ann, 1).admitted, 1u);
  EXPECT_EQ(Decide(bob, 1).admitted, 1u);
  const std::string ring = server_.Keys("*{c:*00001}:*:w").at(0);
  const std::string credits = server_.Keys("*{c:*00001}:*:q:*").at(0);
  struct Spoil {
    std::vector<std::string> command;
    std::string complaint;
  };
  const std::vector<Spoil> spoils = {{{"SET", ring, "junk"}, "data string too short"},
                                     {{"SET", ring, ""}, "data string too short"},
                                     {{"RPUSH", ring, "junk"}, "WRONGTYPE"},
                                     {{"SET", credits, "junk"}, "WRONGTYPE"},
                                     {{"HSET", credits, "used", "junk"}, "attempt to"}};
  for (const Spoil& spoil : spoils) {
    Start();  // a core complains once a second
    for (const std::string& key : {ring, credits}) server_.Ask({"DEL", key});
    server_.Ask(spoil.command);
    const std::string log = LogOf([&] {
      EXPECT_EQ(Decide(ann, 5).local, 5u) << spoil.complaint;
      EXPECT_EQ(Decide(bob, 5).admitted, 5u);
    });
    EXPECT_THAT(log, HasSubstr(spoil.complaint));
    EXPECT_THAT(log, HasSubstr(ring));
    EXPECT_THAT(log, HasSubstr(credits));
    EXPECT_EQ(node_->node().outages(), 0u);
  }
  server_.Ask({"DEL", ring});
  server_.Ask({"DEL", credits});
  EXPECT_EQ(Decide(ann, 5).admitted, 5u);
}

TEST_F(LimitRefusals, ARequestWhoseWindowIsOverIsChargedToTheNext) {
  Start();
  const WallMicros now = SystemWallClock().Now();
  const WindowBounds last{now - 2 * kHour, now - kHour, now + kHour};
  const RequestBuilder request = RequestBuilder().Quota(5, 1, false, last).WhenDown(api::CLOSED);
  const LimitReply reply = Decide(request);
  EXPECT_EQ(reply.answerer, Answerer::kStore);
  EXPECT_EQ(reply.quota.start, last.end);
  EXPECT_EQ(reply.quota.end, last.next_end);
  EXPECT_EQ(Decide(request, 10).admitted, 4u);
}

TEST_F(LimitRefusals, WhereTheNextIsOverTooThePlanDecidesWithoutTheStore) {
  Start();
  ASSERT_TRUE(StoreDecidesAgain());
  const WallMicros now = SystemWallClock().Now();
  const WindowBounds long_ago{now - 3 * kHour, now - 2 * kHour, now - kHour};
  const RequestBuilder request = RequestBuilder().Quota(5, 1, false, long_ago).WhenDown(api::CLOSED);
  EXPECT_EQ(Decide(request, 3).without, 3u);
  EXPECT_EQ(node_->node().outages(), 0u);
}

TEST_F(LimitRefusals, ARefusalIsRepeatedWithoutARoundTrip) {
  LimitNodeOptions options = Options();
  options.refusals_kept = std::chrono::hours(1);
  Start(options);
  const RequestBuilder caller = Caller(1, 2, 100);
  EXPECT_EQ(Decide(caller, 3).refused, 1u);
  server_.Freeze();
  for (int i = 0; i < 5; ++i) {
    const LimitReply again = Decide(caller);
    EXPECT_EQ(again.verdict, LimitVerdict::kRateLimited);
    EXPECT_EQ(again.answerer, Answerer::kStore);
    EXPECT_EQ(again.store_wait, SteadyTime::duration{});
  }
}

TEST_F(LimitRefusals, NoRefusalOutlivesAnOutage) {
  LimitNodeOptions options = Options();
  options.refusals_kept = std::chrono::hours(1);
  Start(options);
  const RequestBuilder caller = Caller(1, 2, 100);
  EXPECT_EQ(Decide(caller, 3).refused, 1u);
  server_.Kill();
  ASSERT_TRUE(CircuitOpens());
  server_.Start();
  ASSERT_TRUE(StoreDecidesAgain());
  server_.Ask({"FLUSHALL"});
  EXPECT_EQ(Decide(caller).verdict, LimitVerdict::kAdmitted);
}

TEST_F(LimitRefusals, CreditsThatAreResetAreGivenAnewAtOnce) {
  Start();
  const RequestBuilder caller = Caller(1, 1000, 50);
  EXPECT_EQ(Decide(caller, 60).admitted, 50u);
  const std::string credits = server_.Keys("*:q:*").at(0);
  server_.Ask({"HSET", credits, "used", "0"});
  server_.Ask({"HINCRBY", credits, "generation", "1"});
  EXPECT_EQ(Decide(caller, 30).admitted, 30u);
  EXPECT_EQ(Decide(caller, 30).admitted, 20u);
  EXPECT_EQ(Used(), "50");
}

TEST_F(LimitRefusals, TheCoreKnowsTheStoresTime) {
  Start();
  ASSERT_TRUE(StoreDecidesAgain());
  const int64_t off = core_->Time() - SystemWallClock().Now();
  EXPECT_LT(std::abs(off), 5 * kSecond);
}

}  // namespace
}  // namespace tollgate::store
