// When a configuration may be made of what is watched, and whose Secrets count as denied.
#include "controller/publish/source_states.h"

#include <gmock/gmock.h>

namespace tollgate::publish {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = SourceStates::State;
using std::chrono::seconds;

constexpr seconds kPatience{30};

class SourceStatesTest : public ::testing::Test {
 protected:
  void Say(SourceStates::Id source, State state) { states_.Report(source, state, now_); }
  void Pass(std::chrono::milliseconds time) {
    now_ += time;
    states_.Judge(now_);
  }

  SteadyTime now_{};
  SourceStates states_{kPatience};
  SourceStates::Id routes_ = states_.Add({.secrets_space = {}, .essential_kind = "GatewayRoute"});
  SourceStates::Id more_routes_ = states_.Add({.secrets_space = {}, .essential_kind = "GatewayRoute"});
  SourceStates::Id plans_ = states_.Add({.secrets_space = {}, .essential_kind = "ApiPlan"});
  SourceStates::Id secrets_ = states_.Add({.secrets_space = "market", .essential_kind = {}});
  SourceStates::Id services_ = states_.Add({});

  void SyncAll() {
    for (const auto source : {routes_, more_routes_, plans_, secrets_, services_}) {
      Say(source, State::kSynced);
    }
    Pass(seconds(0));
    ASSERT_TRUE(states_.TakeChanged());
  }
};

TEST_F(SourceStatesTest, EverythingIsListedFirst) {
  for (const auto source : {routes_, more_routes_, plans_, secrets_}) Say(source, State::kSynced);
  EXPECT_FALSE(states_.MayCompile());
  Say(services_, State::kSynced);
  EXPECT_TRUE(states_.MayCompile());
}

TEST_F(SourceStatesTest, ARefusalHoldsUpForItsPatienceOnly) {
  for (const auto source : {routes_, more_routes_, plans_, services_}) Say(source, State::kSynced);
  Say(secrets_, State::kRefused);
  Pass(kPatience - seconds(1));
  EXPECT_FALSE(states_.MayCompile());
  EXPECT_TRUE(states_.undecided());
  Pass(seconds(1));
  EXPECT_TRUE(states_.MayCompile());
  EXPECT_FALSE(states_.undecided());
  EXPECT_THAT(states_.DeniedSpaces(), ElementsAre("market"));
}

// The API server refuses for a moment after its start: its watches of roles come first.
TEST_F(SourceStatesTest, WhatWasKnownStaysWhereARefusalDoesNotLast) {
  SyncAll();
  Say(secrets_, State::kRefused);
  Pass(kPatience - seconds(1));
  EXPECT_THAT(states_.DeniedSpaces(), IsEmpty());
  Say(secrets_, State::kSynced);
  Pass(kPatience);
  EXPECT_THAT(states_.DeniedSpaces(), IsEmpty());
  EXPECT_FALSE(states_.TakeChanged()) << "there is nothing to compile anew";
}

TEST_F(SourceStatesTest, ARefusalThatLastsDeniesUntilItEnds) {
  SyncAll();
  Say(secrets_, State::kRefused);
  Pass(seconds(20));
  Say(secrets_, State::kRefused);
  Pass(seconds(10));
  EXPECT_TRUE(states_.TakeChanged());
  EXPECT_THAT(states_.DeniedSpaces(), ElementsAre("market"));
  Say(secrets_, State::kSynced);
  EXPECT_TRUE(states_.TakeChanged());
  EXPECT_THAT(states_.DeniedSpaces(), IsEmpty());
}

TEST_F(SourceStatesTest, AServerThatIsAwayRefusesNothing) {
  SyncAll();
  Say(secrets_, State::kRefused);
  Say(secrets_, State::kAway);
  Pass(2 * kPatience);
  EXPECT_THAT(states_.DeniedSpaces(), IsEmpty());
  Say(secrets_, State::kRefused);
  Pass(kPatience);
  Say(secrets_, State::kAway);
  EXPECT_THAT(states_.DeniedSpaces(), ElementsAre("market")) << "nobody has allowed it since";
}

TEST_F(SourceStatesTest, WithoutAnyListOfAnEssentialKindNothingIsMade) {
  for (const auto source : {routes_, more_routes_, secrets_, services_}) Say(source, State::kSynced);
  Say(plans_, State::kRefused);
  Pass(10 * kPatience);
  EXPECT_FALSE(states_.MayCompile());
  Say(plans_, State::kSynced);
  EXPECT_TRUE(states_.MayCompile());
}

// Whoever takes a right away in a namespace of theirs must not hold up everybody else's edits.
TEST_F(SourceStatesTest, OneNamespaceThatIsRefusedHoldsUpNobodyForLong) {
  for (const auto source : {routes_, plans_, secrets_, services_}) Say(source, State::kSynced);
  Say(more_routes_, State::kRefused);
  Pass(seconds(0));
  EXPECT_FALSE(states_.MayCompile());
  Pass(kPatience);
  EXPECT_TRUE(states_.MayCompile());
}

}  // namespace
}  // namespace tollgate::publish
