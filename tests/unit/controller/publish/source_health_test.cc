// What the controller says of what it waits for.
#include "controller/publish/source_health.h"

#include <gtest/gtest.h>

namespace tollgate::publish {
namespace {

using kube::WatchState;

class WhatHoldsUpTest : public ::testing::Test {
 protected:
  SourceHealth routes_{"GatewayRoute", "market"};
  SourceHealth plans_{"ApiPlan", "market"};
  SourceHealth secrets_{"Secret", "*"};
  const std::vector<const SourceHealth*> all_ = {&routes_, &plans_, &secrets_};
};

TEST_F(WhatHoldsUpTest, TheFirstInTroubleIsNamedWithReasonAndRemedy) {
  routes_.Tell(WatchState::kSynced, "Watching.");
  secrets_.Tell(WatchState::kForbidden, "Not allowed; grant it.");
  EXPECT_EQ(WhatHoldsUp(all_), "Secret in all namespaces cannot be watched: Not allowed; grant it.");
}

TEST_F(WhatHoldsUpTest, OthersInTroubleAreCounted) {
  for (SourceHealth* each : {&routes_, &plans_, &secrets_})
    each->Tell(WatchState::kUnreachable, "No answer.");
  EXPECT_EQ(
      WhatHoldsUp(all_),
      "GatewayRoute in namespace market cannot be watched: No answer. (2 more cannot be watched; the log "
      "names each.)");
}

TEST_F(WhatHoldsUpTest, WithoutTroubleTheFirstThatIsNotListedIsNamed) {
  routes_.Tell(WatchState::kSynced, "Watching.");
  plans_.Tell(WatchState::kListing, "Listing.");
  EXPECT_EQ(WhatHoldsUp(all_), "ApiPlan in namespace market is being listed");
}

TEST_F(WhatHoldsUpTest, WhenAllAreListedItIsTheCompiler) {
  for (SourceHealth* each : {&routes_, &plans_, &secrets_}) {
    each->Tell(WatchState::kAbsent, "There is none.");
    each->Tell(WatchState::kSynced, "Watching.");
  }
  EXPECT_EQ(WhatHoldsUp(all_), "the first configuration is being compiled");
}

}  // namespace
}  // namespace tollgate::publish
