// What the reports of several proxies come to, and the sentences that are made of it.
#include "controller/publish/enforcement.h"

#include <gmock/gmock.h>

#include "tests/unit/controller/publish/verdicts.h"

namespace tollgate::publish {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ProxyState Alone(const std::string& proxy) { return Counting(proxy, {}); }

ProxyState Evicting(const std::string& proxy) {
  return Counting(proxy, {.configured = true, .reachable = true, .evicting = true, .reason = {}});
}

// "status/reason: message" in a plan of this kind.
std::string Said(const std::vector<ProxyState>& proxies, api::WhenStoreIsDown when = api::LOCAL) {
  const std::optional<Enforcement> enforcement = JudgeEnforcement(proxies);
  if (!enforcement) return "";
  const StatusCondition condition = EnforcedCondition(*enforcement, when, 7);
  EXPECT_EQ(condition.type, "Enforced");
  EXPECT_EQ(condition.observed_generation, 7);
  return condition.status + "/" + condition.reason + ": " + condition.message;
}

TEST(Enforcement, NobodyCanBeAskedWhereNoneIsConnected) {
  EXPECT_EQ(Said({}), "");
  EXPECT_EQ(Said({Left("p1", kFirst)}), "");
}

TEST(Enforcement, StoreThatAllReachEnforces) {
  EXPECT_THAT(Said({Reaching("p1"), Reaching("p2")}), HasSubstr("True/StoreReached: Every connected proxy"));
}

TEST(Enforcement, ProxiesThatLeftAreNotAsked) {
  ProxyState left = CutOff("p1");
  left.connected = false;
  EXPECT_THAT(Said({left, Reaching("p2")}), HasSubstr("True/StoreReached"));
}

TEST(Enforcement, OneThatIsCutOffIsNamedWithItsReasonAndTheRemedy) {
  EXPECT_THAT(Said({Reaching("p1"), CutOff("p2", "connection refused")}),
              AllOf(HasSubstr("False/StoreUnreachable: Proxy p2 does not reach the limits store (connection "
                              "refused); "),
                    HasSubstr("see that the store runs, that --limits-store names it")));
}

TEST(Enforcement, ThreeOfThoseThatAreCutOffAreNamed) {
  EXPECT_THAT(Said({CutOff("p1", "timed out"), CutOff("p2"), CutOff("p3"), CutOff("p4"), CutOff("p5")}),
              HasSubstr("Proxies p1, p2, p3 and 2 more do not reach the limits store (timed out)"));
}

TEST(Enforcement, SaysWhatThePlanDoesMeanwhile) {
  const std::vector<ProxyState> proxies = {CutOff("p1", "")};
  EXPECT_THAT(Said(proxies, api::LOCAL), HasSubstr("its own part of this plan's limits meanwhile"));
  EXPECT_THAT(Said(proxies, api::OPEN), HasSubstr("admitted without limit and only counted meanwhile"));
  EXPECT_THAT(Said(proxies, api::CLOSED), HasSubstr("answered 503 there meanwhile"));
  // As proxies read it.
  EXPECT_EQ(Said(proxies, api::WHEN_STORE_IS_DOWN_UNSPECIFIED), Said(proxies, api::CLOSED));
}

TEST(Enforcement, StoreThatEvictsDoesNotEnforceAndTheRemedyIsNamed) {
  EXPECT_THAT(Said({Reaching("p1"), Evicting("p2")}),
              AllOf(HasSubstr("False/EvictingStore: "), HasSubstr("maxmemory-policy to noeviction")));
}

TEST(Enforcement, OneProxyInProcessEnforces) {
  EXPECT_THAT(Said({Alone("p1")}), HasSubstr("True/InProcess"));
}

TEST(Enforcement, SeveralInProcessDoNotWhateverTheirNumber) {
  const std::string two = Said({Alone("p1"), Alone("p2")});
  EXPECT_THAT(two, AllOf(HasSubstr("False/NoSharedStore"), HasSubstr("the same --limits-store")));
  EXPECT_EQ(two, Said({Alone("p1"), Alone("p2"), Alone("p3")}))
      << "a count would be written anew with every proxy";
}

TEST(Enforcement, OneThatCountsForItselfBesideOthersIsNamed) {
  EXPECT_THAT(Said({Reaching("p1"), Alone("p2"), Reaching("p3")}),
              HasSubstr("False/NoSharedStore: Proxy p2 counts for itself while others share a limits store"));
}

TEST(Enforcement, ProxyThatHasNotReportedLeavesItUnknown) {
  EXPECT_THAT(Said({Reaching("p1"), Silent("p2")}),
              HasSubstr("Unknown/NotReported: Proxy p2 did not say yet"));
}

TEST(Enforcement, OtherStoresDoNotCount) {
  ProxyState proxy = Reaching("p1");
  proxy.stores["cache"] = {.configured = true, .reachable = false, .evicting = true, .reason = "timed out"};
  EXPECT_THAT(Said({proxy}), HasSubstr("True/StoreReached"));
}

TEST(Enforcement, TheWorstIsSaidFirst) {
  std::vector<ProxyState> proxies = {Reaching("p1"), Alone("p2"), Silent("p3"), Evicting("p4"), CutOff("p5")};
  for (const char* reason :
       {"StoreUnreachable", "EvictingStore", "NotReported", "NoSharedStore", "StoreReached"}) {
    EXPECT_THAT(Said(proxies), HasSubstr(std::string("/") + reason + ": "));
    proxies.pop_back();
  }
}

}  // namespace
}  // namespace tollgate::publish
