// Two gateways that count together in one real Redis: what a plan promises over both, and what they do while
// the store is away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <map>

#include "tests/feature/limited_plan.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/load.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/redis_server.h"

namespace tollgate {
namespace {

using kit::Eventually;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kSecond = 1'000'000;

class SharedLimits : public testing::Test {
 protected:
  // A machine that is busy with the callers, the gateways, Redis and the upstream on two cores is slow at
  // times, which is no fault of the store.
  void Start(const std::string& terms) {
    for (kit::Gateway& gateway : gateways_) StartOne(gateway, terms);
    ASSERT_TRUE(Eventually([&] { return BothCircuits(0); }));
  }
  void StartOne(kit::Gateway& gateway, const std::string& terms, const std::vector<std::string>& more = {}) {
    std::vector<std::string> flags = {"--limits-store=" + redis_.url(), "--threads=1",
                                      "--store-slow-after=1s", "--store-deadline=5s"};
    flags.insert(flags.end(), more.begin(), more.end());
    gateway.WriteService("test", "upstream", upstream_.port()).Write("plan.yaml", LimitedPlan(terms));
    ASSERT_TRUE(gateway.Start(flags)) << gateway.Stderr();
  }

  // So many callers, half of them at each gateway.
  std::vector<kit::LoadTarget> Callers(size_t count) {
    std::vector<kit::LoadTarget> targets;
    for (size_t i = 0; i < count; ++i) {
      kit::HttpRequest request;
      request.headers = kLimitedHeaders;
      targets.push_back({"127.0.0.1", gateways_[i % 2].port(), request});
    }
    return targets;
  }
  static kit::HttpAnswer Get(kit::Gateway& gateway) {
    return kit::HttpClient(gateway.port()).Get("/", kLimitedHeaders);
  }
  kit::HttpAnswer Get(size_t gateway) { return Get(gateways_[gateway]); }

  // The log lines of both, once so many have been written.
  std::vector<nlohmann::json> Lines(size_t count) const {
    std::vector<nlohmann::json> lines;
    Eventually([&] {
      lines.clear();
      for (const kit::Gateway& gateway : gateways_) {
        std::vector<nlohmann::json> more = LogLines(gateway.AccessLog());
        lines.insert(lines.end(), more.begin(), more.end());
      }
      return lines.size() >= count;
    });
    return lines;
  }
  // When each request that the upstream has seen was admitted, by the store's clock.
  std::vector<int64_t> TimesOfWhatTheUpstreamSaw(const std::vector<nlohmann::json>& lines) const {
    std::map<std::string, int64_t> times;
    for (const nlohmann::json& line : lines) {
      EXPECT_FALSE(line.contains("storeOutage")) << line;
      times[line["requestId"]] = line.value("storeTime", int64_t{0});
    }
    std::vector<int64_t> seen;
    for (const kit::RecordingUpstream::Request& request : upstream_.Complete()) {
      const size_t at = request.head.find("X-Request-Id: ");
      const std::string id = request.head.substr(at + 14, request.head.find('\r', at) - at - 14);
      EXPECT_TRUE(times.contains(id)) << request.head;
      seen.push_back(times[id]);
    }
    std::sort(seen.begin(), seen.end());
    return seen;
  }

  double Metric(size_t gateway, const std::string& series) {
    return gateways_[gateway].Metric("tollgate_" + series);
  }
  bool BothCircuits(double open) {
    return Metric(0, "store_circuit_open{store=\"limits\"}") == open &&
           Metric(1, "store_circuit_open{store=\"limits\"}") == open;
  }
  // A log that says why the store is not used, what happens meanwhile, what to do, and which store it is.
  auto TellsOfTheStore(const std::string& why) const {
    return AllOf(HasSubstr("the store cannot be used: " + why),
                 HasSubstr("whenStoreIsDown decides: see that it runs, and check --limits-store"),
                 HasSubstr("\"store\":\"limits\""), HasSubstr("\"address\":\"" + redis_.url() + "\""));
  }
  std::string UsedCredits() const {
    const std::vector<std::string> keys = redis_.Keys("*:q:*");
    return keys.size() == 1 ? redis_.Ask({"HGET", keys.front(), "used"})
                            : std::to_string(keys.size()) + " records";
  }

  kit::RedisServer redis_{{"--maxmemory-policy", "noeviction", "--appendonly", "yes"}};
  kit::RecordingUpstream upstream_;
  std::array<kit::Gateway, 2> gateways_;
};

// The most within so long a time that ends with an admission.
size_t MostWithin(const std::vector<int64_t>& times, int64_t window) {
  size_t most = 0;
  for (size_t begin = 0, at = 0; at < times.size(); ++at) {
    while (times[at] - times[begin] > window) ++begin;
    most = std::max(most, at - begin + 1);
  }
  return most;
}

TEST_F(SharedLimits, FiftyInASecondAreFiftyOverBoth) {
  Start("  rateLimits: [{name: burst, requests: 50, per: 1s}]\n");
  kit::Load load(Callers(4), microseconds(4 * kSecond / 150), 920);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  const std::vector<int64_t> times = TimesOfWhatTheUpstreamSaw(Lines(load.answers()));
  const size_t most = MostWithin(times, kSecond);
  const auto in_five = std::count_if(times.begin(), times.end(),
                                     [&](int64_t time) { return time - times.front() < 5 * kSecond; });
  std::printf("%zu admitted in 5 s, at most %zu in a trailing second\n", static_cast<size_t>(in_five), most);
  EXPECT_EQ(load.Count(200), times.size());
  EXPECT_EQ(load.Count(200) + load.Count(429), load.answers()) << load.Errors();
  EXPECT_LE(most, 50u);
  EXPECT_LE(in_five, 250);
  EXPECT_GE(in_five, 50);  // how fast the callers ask is the machine's affair
  EXPECT_TRUE(BothCircuits(0));
}

TEST_F(SharedLimits, ABurstIsGrantedOnceOverBoth) {
  constexpr int64_t kInterval = kSecond / 50;
  Start("  rateLimits: [{name: burst, requests: 50, per: 1s, burst: 20}]\n");
  kit::Load load(Callers(4), microseconds(4 * kSecond / 150), 620);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  const std::vector<int64_t> times = TimesOfWhatTheUpstreamSaw(Lines(load.answers()));
  ASSERT_FALSE(times.empty());
  size_t beyond = 0;
  for (size_t first = 0; first < times.size(); ++first) {
    for (size_t last = first; last < times.size(); ++last) {
      const int64_t bound = (times[last] - times[first]) / kInterval + 20;
      if (static_cast<int64_t>(last - first + 1) > bound) ++beyond;
    }
  }
  EXPECT_EQ(beyond, 0u) << "windows that hold more than their time and the burst";
  const auto in_three = std::count_if(times.begin(), times.end(),
                                      [&](int64_t time) { return time - times.front() < 3 * kSecond; });
  std::printf("%zu admitted in 3 s\n", static_cast<size_t>(in_three));
  EXPECT_LE(in_three, 170);  // 20 and 3 times 50
  EXPECT_GE(in_three, 50);   // how fast the callers ask is the machine's affair
  EXPECT_EQ(load.Count(200), times.size());
  EXPECT_TRUE(BothCircuits(0));
}

TEST_F(SharedLimits, CreditsAreExactToTheRequestUnderConcurrency) {
  Start("  quota: {credits: 700, window: {type: Calendar, calendar: Year}}\n");
  kit::Load load(Callers(8), {}, 1'200);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  EXPECT_EQ(load.Count(200), 700u);
  EXPECT_EQ(load.Count(429), 500u);
  EXPECT_EQ(TimesOfWhatTheUpstreamSaw(Lines(1'200)).size(), 700u);
  EXPECT_EQ(UsedCredits(), "700");
  const std::string charged = "credits_charged_total{plan=\"test/plan\"}";
  EXPECT_EQ(Metric(0, charged) + Metric(1, charged), 700);
  EXPECT_TRUE(BothCircuits(0));
}

TEST_F(SharedLimits, WhatWasChargedOutlivesAGateway) {
  const std::string terms = "  quota: {credits: 5, window: {type: Calendar, calendar: Year}}\n";
  Start(terms);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get(0).status, 200);
  gateways_[0].process().Signal(SIGKILL);
  kit::Gateway next;
  StartOne(next, terms);
  EXPECT_EQ(Get(next).status, 200);
  EXPECT_EQ(Get(1).status, 200);
  EXPECT_EQ(Get(next).status, 429);
}

TEST_F(SharedLimits, InstallationsDoNotShare) {
  const std::string terms = "  quota: {credits: 1, window: {type: Calendar, calendar: Year}}\n";
  Start(terms);
  EXPECT_EQ(Get(0).status, 200);
  EXPECT_EQ(Get(1).status, 429);
  kit::Gateway other;
  StartOne(other, terms, {"--installation=another"});
  EXPECT_EQ(Get(other).status, 200);
}

// How the store is away, and what the plan says for it.
struct Outage {
  bool frozen;
  std::string rule;
  std::string logged;
  int status;
};

class StoreOutage : public SharedLimits, public testing::WithParamInterface<Outage> {
 protected:
  void Begin() {
    if (GetParam().frozen) {
      redis_.Freeze();
    } else {
      redis_.Kill();
    }
    ASSERT_TRUE(Eventually([&] { return BothCircuits(1); }));
  }
  void End() {
    if (GetParam().frozen) {
      redis_.Thaw();
    } else {
      redis_.Start();
    }
    const auto returned = std::chrono::steady_clock::now();
    ASSERT_TRUE(Eventually([&] { return BothCircuits(0); }));
    const auto took = std::chrono::steady_clock::now() - returned;
    std::printf("used again after %lld ms\n",
                static_cast<long long>(std::chrono::duration_cast<milliseconds>(took).count()));
  }
};

TEST_P(StoreOutage, ThePlanDecidesAndTheBooksAgreeAfterwards) {
  const Outage& outage = GetParam();
  Start(
      "  quota: {credits: 1000, window: {type: Calendar, calendar: Year}}\n"
      "  enforcement: {whenStoreIsDown: " +
      outage.rule + "}\n");
  size_t served = 0;
  const auto ask_both = [&](int times) {
    for (int i = 0; i < times; ++i) {
      for (const size_t gateway : {0, 1}) served += Get(gateway).status == 200 ? 1 : 0;
    }
  };
  ask_both(5);
  EXPECT_EQ(served, 10u);
  Begin();
  for (const kit::Gateway& gateway : gateways_) {
    EXPECT_THAT(gateway.Stderr(), TellsOfTheStore(outage.frozen ? "it has not answered for" : ""));
  }
  const std::string problem = "https://tollgate.dev/problems/limits-unavailable";
  for (const size_t gateway : {0, 1}) {
    const kit::HttpAnswer answer = Get(gateway);
    EXPECT_EQ(answer.status, outage.status);
    served += answer.status == 200 ? 1 : 0;
    if (outage.status != 503) continue;
    EXPECT_EQ(nlohmann::json::parse(answer.body)["type"], problem);
    EXPECT_EQ(answer.Header("retry-after"), "1");
    EXPECT_EQ(answer.Header("ratelimit"), "");
  }
  ask_both(4);
  EXPECT_EQ(served, outage.status == 200 ? 20u : 10u);
  for (const size_t gateway : {0, 1}) {
    EXPECT_EQ(
        Metric(gateway, "limit_outage_decisions_total{plan=\"test/plan\",rule=\"" + outage.logged + "\"}"),
        5);
  }
  size_t without = 0;
  for (const nlohmann::json& line : Lines(20)) {
    EXPECT_NE(line.contains("storeTime"), line.contains("storeOutage")) << line;
    if (!line.contains("storeOutage")) continue;
    ++without;
    EXPECT_EQ(line["storeOutage"], outage.logged);
    EXPECT_EQ(line["status"], outage.status);
  }
  EXPECT_EQ(without, 10u);
  End();
  for (const kit::Gateway& gateway : gateways_) {
    EXPECT_THAT(gateway.Stderr(), HasSubstr("the store is used again"));
  }
  ask_both(5);
  EXPECT_TRUE(Eventually([&] { return UsedCredits() == std::to_string(served); }))
      << "served " << served << ", charged " << UsedCredits();
  const std::vector<nlohmann::json> lines = Lines(30);
  EXPECT_EQ(
      std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.contains("storeTime"); }),
      20);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, StoreOutage,
    testing::Values(Outage{true, "Local", "local", 200}, Outage{true, "Open", "open", 200},
                    Outage{true, "Closed", "closed", 503}, Outage{false, "Local", "local", 200},
                    Outage{false, "Open", "open", 200}, Outage{false, "Closed", "closed", 503}),
    [](const testing::TestParamInfo<Outage>& way) {
      return std::string(way.param.frozen ? "Frozen" : "Killed") + way.param.rule;
    });

TEST_F(SharedLimits, WithoutTheStoreEachEnforcesItsOwnLimitAndWhatItKnowsToBeLeft) {
  Start(
      "  rateLimits: [{name: hourly, requests: 8, per: 1h}]\n"
      "  quota: {credits: 10, window: {type: Calendar, calendar: Year}}\n"
      "  enforcement: {whenStoreIsDown: Local}\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Get(0).status, 200);
    EXPECT_EQ(Get(1).status, 200);
  }
  redis_.Kill();
  ASSERT_TRUE(Eventually([&] { return BothCircuits(1); }));
  // The first heard last that 5 were used, the second that 6 were.
  std::array<int, 2> admitted{};
  for (const size_t gateway : {0, 1}) {
    for (int i = 0; i < 10; ++i) admitted[gateway] += Get(gateway).status == 200 ? 1 : 0;
  }
  EXPECT_EQ(admitted[0], 5);
  EXPECT_EQ(admitted[1], 4);
  redis_.Start();
  ASSERT_TRUE(Eventually([&] { return UsedCredits() == "15"; })) << UsedCredits();
  EXPECT_EQ(Get(0).status, 429);
}

TEST_F(SharedLimits, AStoreThatIsMissingAtStartIsFoundLater) {
  redis_.Kill();
  StartOne(gateways_[0],
           "  quota: {credits: 1000, window: {type: Calendar, calendar: Year}}\n"
           "  enforcement: {whenStoreIsDown: Open}\n");
  EXPECT_EQ(Get(0).status, 200);
  EXPECT_THAT(gateways_[0].Stderr(),
              TellsOfTheStore("cannot connect: Connection refused; until it can, each plan's"));
  redis_.Start();
  EXPECT_TRUE(Eventually([&] { return UsedCredits() == "1"; })) << UsedCredits();
}

// A flag that is wrong, and what is said of it in one line.
struct BadFlag {
  std::vector<std::string> flags;
  std::vector<std::string> said;
};

TEST(SharedLimitsFlags, AreRefusedByNameWithTheRemedyAndWithoutThePassword) {
  const kit::TempFolder folder;
  folder.Write("empty", "");
  folder.Write("password", "hunter2-of-the-file\n");
  const std::vector<BadFlag> bad = {
      {{"--limits-store=foo"}, {"--limits-store", "write memory, or redis://"}},
      {{"--limits-store=http://u:hunter2@h"}, {"--limits-store", "write memory, or redis://"}},
      {{"--limits-store=redis://u:hunter2@host:port"}, {"--limits-store", "no port between 1 and 65535"}},
      {{"--limits-store=redis://:hunter2@"}, {"--limits-store", "names no host"}},
      {{"--limits-store=redis://u:hunter2%zz@host"}, {"--limits-store", "broken %XX"}},
      {{"--limits-store=redis://u:hunter2@host/first"}, {"--limits-store", "database that is no number"}},
      {{"--limits-store=redis://host", "--limits-password-file=" + (folder / "missing")},
       {"--limits-password-file", "missing", "No such file", "first line"}},
      {{"--limits-store=redis://host", "--limits-password-file=" + (folder / "empty")},
       {"--limits-password-file", "it is empty"}},
      {{"--limits-password-file=" + (folder / "password")},
       {"--limits-password-file", "--limits-store", "leave it out"}},
      {{"--store-deadline=0s"}, {"--store-deadline", "longer than 0"}},
      {{"--store-deadline=soon"}, {"--store-deadline"}},
      {{"--store-slow-after=0s"}, {"--store-slow-after", "longer than 0"}},
  };
  for (const BadFlag& wrong : bad) {
    kit::Gateway gateway;
    EXPECT_FALSE(gateway.Start(wrong.flags)) << wrong.flags[0];
    EXPECT_EQ(gateway.process().Wait(), 2) << wrong.flags[0];
    const std::string said = gateway.Stderr();
    for (const std::string& part : wrong.said) EXPECT_THAT(said, HasSubstr(part));
    EXPECT_THAT(said, Not(HasSubstr("hunter2")));
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  }
}

TEST_F(SharedLimits, APasswordComesFromAFileAndIsShownNowhere) {
  redis_.Ask({"CONFIG", "SET", "requirepass", "hunter2-of-the-file"});
  const kit::TempFolder folder;
  folder.Write("password", "hunter2-of-the-file\n");
  folder.Write("wrong", "hunter2-the-wrong-one\n");
  const std::string terms =
      "  quota: {credits: 1000, window: {type: Calendar, calendar: Year}}\n"
      "  enforcement: {whenStoreIsDown: Closed}\n";
  StartOne(gateways_[0], terms, {"--limits-password-file=" + (folder / "password")});
  EXPECT_EQ(Get(0).status, 200);
  EXPECT_THAT(gateways_[0].Stderr(), Not(HasSubstr("hunter2")));
  StartOne(gateways_[1], terms, {"--limits-password-file=" + (folder / "wrong")});
  EXPECT_EQ(Get(1).status, 503);
  EXPECT_THAT(gateways_[1].Stderr(),
              AllOf(HasSubstr("it refuses AUTH: WRONGPASS"), Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace tollgate
