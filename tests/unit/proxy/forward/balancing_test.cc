// Which endpoint a request goes to, by its rule's balancing.
#include "proxy/forward/balancing.h"

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "proxy/forward/choice.h"
#include "tests/kit/heads.h"
#include "tests/kit/snapshot_builder.h"

namespace tollgate::forward {
namespace {

using ::testing::ElementsAre;

class BalancingTest : public ::testing::Test {
 protected:
  // An upstream with endpoints 10.0.0.1 to 10.0.0.n.
  void Endpoints(int n) {
    kit::SnapshotBuilder builder;
    for (int i = 1; i <= n; ++i) builder.Upstream("a/u:80", {("10.0.0." + std::to_string(i)).c_str()});
    catalog_ = builder.Build();
    table_.emplace(*catalog_, book_);
  }
  // Where a request with these header lines goes.
  std::string Choose(const std::string& lines = {}) {
    random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;  // Knuth's MMIX
    const kit::Request request("GET", "/", lines);
    EndpointChoice choice(*table_, rule_, 0, request.head().fields);
    const Endpoint* const chosen = choice.Next(random_ ^ random_ >> 29, SteadyNow());
    return chosen == nullptr ? "none" : chosen->name.substr(0, chosen->name.find(':'));
  }
  Endpoint& At(const std::string& ip) { return *book_.Get(ip, 80); }
  void Hash() {
    rule_.mutable_balancing()->set_type(api::Balancing::CONSISTENT_HASH);
    rule_.mutable_balancing()->set_header("X-User");
  }
  // Where each of many users goes.
  std::map<int, std::string> ChooseForUsers(int users = 3'000) {
    std::map<int, std::string> chosen;
    for (int i = 0; i < users; ++i) chosen[i] = ChooseFor(i);
    return chosen;
  }
  std::string ChooseFor(int user) { return Choose("x-user: " + std::to_string(user) + "\r\n"); }

  api::Rule rule_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  EndpointBook book_;
  std::optional<UpstreamTable> table_;
  uint64_t random_ = 1;
};

TEST_F(BalancingTest, RoundRobinTakesOneAfterTheOther) {
  rule_.mutable_balancing()->set_type(api::Balancing::ROUND_ROBIN);
  Endpoints(3);
  std::vector<std::string> chosen;
  for (int i = 0; i < 6; ++i) chosen.push_back(Choose());
  EXPECT_THAT(chosen, ElementsAre("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.2", "10.0.0.3"));
}

TEST_F(BalancingTest, RoundRobinGoesOnThroughANewSnapshot) {
  rule_.mutable_balancing()->set_type(api::Balancing::ROUND_ROBIN);
  std::map<std::string, int> counts;
  std::optional<UpstreamTable> old;
  for (int i = 0; i < 30; ++i) {
    old = std::move(table_);
    Endpoints(3);
    ++counts[Choose()];
  }
  EXPECT_EQ(counts, (std::map<std::string, int>{{"10.0.0.1", 10}, {"10.0.0.2", 10}, {"10.0.0.3", 10}}));
}

TEST_F(BalancingTest, RoundRobinPassesOverWhatIsOutOfUse) {
  rule_.mutable_balancing()->set_type(api::Balancing::ROUND_ROBIN);
  rule_.mutable_passive_health()->set_max_ejected_percent(50);
  Endpoints(3);
  At("10.0.0.2").health.Eject(SteadyTime::max());
  for (int i = 0; i < 6; ++i) EXPECT_NE(Choose(), "10.0.0.2");
}

TEST_F(BalancingTest, AKeyGoesToOneEndpoint) {
  Hash();
  Endpoints(5);
  const std::map<int, std::string> first = ChooseForUsers();
  EXPECT_EQ(ChooseForUsers(), first);
}

TEST_F(BalancingTest, KeysAreSharedEvenly) {
  Hash();
  Endpoints(5);
  std::map<std::string, int> counts;
  for (const auto& [user, endpoint] : ChooseForUsers()) ++counts[endpoint];
  ASSERT_EQ(counts.size(), 5U);
  for (const auto& [endpoint, count] : counts) EXPECT_NEAR(count, 600, 100) << endpoint;
}

TEST_F(BalancingTest, AnEndpointThatComesTakesItsShareAndMovesNothingElse) {
  Hash();
  Endpoints(4);
  const std::map<int, std::string> before = ChooseForUsers();
  Endpoints(5);
  int moved = 0;
  for (const auto& [user, endpoint] : ChooseForUsers()) {
    if (endpoint == before.at(user)) continue;
    EXPECT_EQ(endpoint, "10.0.0.5");
    ++moved;
  }
  EXPECT_NEAR(moved, 600, 100);
}

TEST_F(BalancingTest, AnEndpointThatIsOutOfUseMovesItsKeysAlone) {
  Hash();
  rule_.mutable_passive_health()->set_max_ejected_percent(50);
  Endpoints(5);
  const std::map<int, std::string> before = ChooseForUsers();
  At("10.0.0.3").health.Eject(SteadyTime::max());
  for (const auto& [user, endpoint] : ChooseForUsers()) {
    if (before.at(user) == "10.0.0.3") {
      EXPECT_NE(endpoint, "10.0.0.3");
    } else {
      EXPECT_EQ(endpoint, before.at(user));
    }
  }
}

TEST_F(BalancingTest, NoEndpointGetsMuchMoreThanTheMean) {
  Hash();
  Endpoints(4);
  std::deque<ActiveRequest> active;
  for (int i = 0; i < 400; ++i) active.emplace_back(At(ChooseFor(7)));  // all of one key
  for (const char* ip : {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}) {
    EXPECT_LE(At(ip).active_requests, 126U) << ip;
  }
}

TEST_F(BalancingTest, AFewRequestsOfAKeyStayTogether) {
  Hash();
  Endpoints(4);
  const std::string home = ChooseFor(7);
  std::deque<ActiveRequest> active;
  for (int i = 0; i < 4; ++i) {
    active.emplace_back(At(ChooseFor(7)));
    EXPECT_EQ(At(home).active_requests, static_cast<uint32_t>(i + 1));
  }
}

TEST_F(BalancingTest, ARequestWithoutItsKeyGoesToTheLessBusyOfTwo) {
  Hash();
  Endpoints(3);
  std::map<std::string, int> counts;
  for (int i = 0; i < 3'000; ++i) ++counts[Choose("X-Other: 1\r\n")];
  EXPECT_EQ(counts.size(), 3U);
}

}  // namespace
}  // namespace tollgate::forward
