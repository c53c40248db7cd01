// Which target and which endpoint a request goes to.
#include "proxy/forward/upstream_table.h"

#include <gmock/gmock.h>

#include <array>
#include <map>
#include <set>

#include "tests/kit/snapshot_builder.h"

namespace tollgate::forward {
namespace {

using ::testing::ElementsAre;

// How often each target is chosen when every number below `range` comes once; the last is "none".
std::vector<int> CountChoices(const std::vector<uint32_t>& weights, uint64_t range) {
  api::Rule spec;
  for (const uint32_t weight : weights) spec.add_targets()->set_weight(weight);
  const snapshot::RuleEntry rule{0, &spec, {}};
  std::vector<int> counts(weights.size() + 1);
  for (uint64_t random = 0; random < range; ++random) {
    const int chosen = UpstreamTable::ChooseTarget(rule, random);
    ++counts[chosen < 0 ? weights.size() : static_cast<size_t>(chosen)];
  }
  return counts;
}

TEST(ChooseTarget, SharesAreExactlyTheWeights) {
  EXPECT_THAT(CountChoices({90, 10}, 100), ElementsAre(90, 10, 0));
  EXPECT_THAT(CountChoices({90, 10}, 1000), ElementsAre(900, 100, 0));
  EXPECT_THAT(CountChoices({1, 2, 3}, 6), ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(CountChoices({1}, 10), ElementsAre(10, 0));
}

TEST(ChooseTarget, WeightOfZeroIsNeverChosen) {
  EXPECT_THAT(CountChoices({0, 5, 0, 5, 0}, 100), ElementsAre(0, 50, 0, 50, 0, 0));
}

TEST(ChooseTarget, NothingIsChosenWhereNothingWeighs) {
  EXPECT_THAT(CountChoices({}, 10), ElementsAre(10));
  EXPECT_THAT(CountChoices({0, 0}, 10), ElementsAre(0, 0, 10));
}

TEST(ChooseTarget, LargestWeightsDoNotOverflow) {
  EXPECT_THAT(CountChoices({UINT32_MAX, UINT32_MAX}, 10), ElementsAre(10, 0, 0));
}

class ChooseEndpointTest : public ::testing::Test {
 protected:
  void Load() {
    catalog_ = builder_.Build();
    table_.emplace(*catalog_, book_);
  }
  api::Endpoint& Terminating(const char* address) {
    api::Endpoint& endpoint = *builder_.Upstream("a/u:80", {address}).mutable_endpoints()->rbegin();
    endpoint.set_terminating(true);
    return endpoint;
  }
  std::string Choose(uint64_t random, const std::vector<Endpoint*>& tried = {}) {
    if (!table_) Load();
    Endpoint* const chosen = table_->EndpointsOf(0)->Choose({random, SteadyNow()}, tried);
    return chosen == nullptr ? "none" : chosen->name;
  }
  // Over every pair of first and second choice among `n`.
  std::map<std::string, int> CountChoices(uint64_t n, const std::vector<Endpoint*>& tried = {}) {
    std::map<std::string, int> counts;
    for (uint64_t a = 0; a < n; ++a) {
      for (uint64_t b = 0; b < n; ++b) ++counts[Choose(b << 32 | a, tried)];
    }
    return counts;
  }
  Endpoint& EndpointAt(const char* address) {
    if (!table_) Load();
    return *book_.Get(address, 80);
  }

  EndpointBook book_;
  kit::SnapshotBuilder builder_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  std::optional<UpstreamTable> table_;
};

using Counts = std::map<std::string, int>;

TEST_F(ChooseEndpointTest, NoneOfNone) {
  builder_.Upstream("a/u:80");
  EXPECT_EQ(Choose(0), "none");
}

TEST_F(ChooseEndpointTest, IdleEndpointsShareEvenly) {
  builder_.Upstream("a/u:80", {"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  EXPECT_EQ(CountChoices(3), (Counts{{"10.0.0.1:80", 3}, {"10.0.0.2:80", 3}, {"10.0.0.3:80", 3}}));
}

TEST_F(ChooseEndpointTest, LessBusyOfTwoIsChosen) {
  builder_.Upstream("a/u:80", {"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  const ActiveRequest one(EndpointAt("10.0.0.2"));
  const ActiveRequest two(EndpointAt("10.0.0.3"));
  const ActiveRequest three(EndpointAt("10.0.0.3"));
  EXPECT_EQ(CountChoices(3), (Counts{{"10.0.0.1:80", 5}, {"10.0.0.2:80", 3}, {"10.0.0.3:80", 1}}));
}

TEST_F(ChooseEndpointTest, TriedOnesAreLeftOut) {
  builder_.Upstream("a/u:80", {"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  std::vector<Endpoint*> tried = {&EndpointAt("10.0.0.2")};
  for (const auto& [name, count] : CountChoices(3, tried)) EXPECT_NE(name, "10.0.0.2:80");
  tried.push_back(&EndpointAt("10.0.0.1"));
  EXPECT_EQ(CountChoices(3, tried), (Counts{{"10.0.0.3:80", 9}}));
  tried.push_back(&EndpointAt("10.0.0.3"));
  EXPECT_EQ(CountChoices(3, tried), (Counts{{"none", 9}}));
}

TEST_F(ChooseEndpointTest, TerminatingOnesAreForWhenNothingBetterIsLeft) {
  builder_.Upstream("a/u:80", {"10.0.0.1"});
  Terminating("10.0.0.2");
  EXPECT_EQ(CountChoices(4), (Counts{{"10.0.0.1:80", 16}}));
  EXPECT_EQ(Choose(0, {&EndpointAt("10.0.0.1")}), "10.0.0.2:80");
  EXPECT_EQ(table_->Tally(SteadyNow()).ready, 1U);
}

TEST_F(ChooseEndpointTest, TerminatingOnesServeWhereNoneIsReady) {
  Terminating("10.0.0.2");
  EXPECT_EQ(Choose(7), "10.0.0.2:80");
}

TEST_F(ChooseEndpointTest, EachUpstreamHasItsOwn) {
  builder_.Upstream("a/u:80", {"10.0.0.1"});
  builder_.Upstream("b/u:80", {"10.0.0.2"});
  Load();
  EXPECT_EQ(table_->EndpointsOf(0)->Choose({0, SteadyNow()}, {})->name, "10.0.0.1:80");
  EXPECT_EQ(table_->EndpointsOf(1)->Choose({0, SteadyNow()}, {})->name, "10.0.0.2:80");
}

TEST(EndpointBook, OneRecordForAnAddress) {
  EndpointBook book;
  const auto first = book.Get("10.0.0.1", 80);
  EXPECT_EQ(book.Get("10.0.0.1", 80), first);
  EXPECT_NE(book.Get("10.0.0.1", 81), first);
  EXPECT_EQ(first->name, "10.0.0.1:80");
  EXPECT_EQ(book.Get("2001:DB8::1", 80), book.Get("2001:db8:0::1", 80));
}

TEST(EndpointBook, WhatIsInUseSurvivesForgetting) {
  EndpointBook book;
  const auto kept = book.Get("10.0.0.1", 80);
  kept->active_requests = 7;
  const std::weak_ptr<Endpoint> dropped = book.Get("10.0.0.2", 80);
  book.Forget();
  EXPECT_EQ(book.Get("10.0.0.1", 80)->active_requests, 7U);
  EXPECT_TRUE(dropped.expired());
  EXPECT_NE(book.Get("10.0.0.2", 80), nullptr);
}

TEST(EndpointBook, EndpointsThatNamesHaveLeftAreForgotten) {
  EndpointBook book;
  const auto kept = book.Get("10.0.0.1", 80);
  (void)book.Get("10.0.0.2", 80);
  EXPECT_EQ(book.size(), 2U);
  book.ForgetEndpoints();
  EXPECT_EQ(book.size(), 1U);
  EXPECT_EQ(book.Get("10.0.0.1", 80), kept);
}

TEST(EndpointBook, NamesHaveNoRecord) { EXPECT_EQ(EndpointBook().Get("a.example", 80), nullptr); }

TEST(ActiveRequest, CountsAsLongAsItLives) {
  Endpoint endpoint(*io::Address::FromLiteral("10.0.0.1", 80), "10.0.0.1:80");
  {
    const ActiveRequest one(endpoint);
    const ActiveRequest two(endpoint);
    EXPECT_EQ(endpoint.active_requests, 2U);
  }
  EXPECT_EQ(endpoint.active_requests, 0U);
}

}  // namespace
}  // namespace tollgate::forward
