// Limits and credits that two proxies count together in a real Redis with an append-only file, and what
// becomes of them when it dies or stands still.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "api/base/clock.h"
#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"
#include "tests/kit/load.h"
#include "tests/kit/redis_server.h"

namespace tollgate::cluster {
namespace {

constexpr int64_t kMicros = 1'000'000;

class SharedLimits : public Gateway {
 protected:
  static void SetUpTestSuite() {
    redis = new kit::RedisServer({"--appendonly", "yes", "--maxmemory-policy", "noeviction"});
    // On two busy cores a decision may take longer than a store of its own machine ever would.
    Begin({"--limits-store=" + redis->url(), "--store-slow-after=1s"});
  }
  static void TearDownTestSuite() {
    Gateway::TearDownTestSuite();
    delete redis;
  }

  // A plan of its own with one caller and one route: all are called `name`.
  static void Serve(const std::string& name, const std::string& terms) {
    ASSERT_TRUE(installation->Apply(Plan(name, terms) + Secret(name, name, KeyOf(name)) +
                                    Route(name, HostOf(name), "/", "quotes", "market", name)))
        << installation->said;
    // Asked without effect: a wrong path costs nothing, a refused key neither.
    ASSERT_TRUE(kit::Eventually([&] {
      return installation->Get(1, HostOf(name), "/").status == 401 &&
             installation->Get(2, HostOf(name), "/").status == 401;
    }));
  }
  static std::string KeyOf(const std::string& name) { return "the-key-of-the-caller-of-" + name; }
  static std::string HostOf(const std::string& name) { return name + ".example"; }

  // Callers of `name`, half of them at each proxy.
  static std::vector<kit::LoadTarget> Callers(const std::string& name, int count) {
    std::vector<kit::LoadTarget> targets;
    for (int i = 0; i < count; ++i) {
      kit::HttpRequest request;
      request.headers = WithKey(KeyOf(name));
      request.headers.push_back("Host: " + HostOf(name));
      targets.push_back({Installation::ProxyAddress(1 + i % 2), 8080, request});
    }
    return targets;
  }

  // The access log lines of both proxies for the plan `name`.
  static std::vector<nlohmann::json> Lines(const std::string& name) {
    std::vector<nlohmann::json> lines;
    for (const int proxy : {1, 2}) {
      std::istringstream log(installation->AccessLog(proxy));
      for (std::string line; std::getline(log, line);) {
        nlohmann::json entry = nlohmann::json::parse(line, nullptr, false);
        if (!entry.is_discarded() && entry.value("plan", "") == "market/" + name) {
          lines.push_back(std::move(entry));
        }
      }
    }
    return lines;
  }
  // The same, once all of `count` have been written.
  static std::vector<nlohmann::json> AwaitLines(const std::string& name, size_t count) {
    std::vector<nlohmann::json> lines;
    kit::Eventually([&] { return (lines = Lines(name)).size() >= count; });
    return lines;
  }

  // The ids of what the upstream was asked on behalf of the caller `name`, each as often as it was.
  static std::multiset<std::string> SeenByTheUpstream(const std::string& name) {
    std::multiset<std::string> seen;
    std::istringstream log(installation->UpstreamLog("one"));
    for (std::string text; std::getline(log, text);) {
      const nlohmann::json line = nlohmann::json::parse(text);
      if (line["consumer"] == "market/" + name) seen.insert(line["requestId"].get<std::string>());
    }
    return seen;
  }
  // When each request of `name` was admitted, by the store's clock. Those are the ones that the upstream saw,
  // no more, and each once.
  static std::vector<int64_t> Admissions(const std::string& name, const std::vector<nlohmann::json>& lines) {
    std::multiset<std::string> admitted;
    std::vector<int64_t> times;
    for (const nlohmann::json& line : lines) {
      EXPECT_FALSE(line.contains("storeOutage")) << line;
      if (line["status"] != 200) continue;
      admitted.insert(line["requestId"].get<std::string>());
      times.push_back(line.value("storeTime", int64_t{0}));
    }
    EXPECT_EQ(SeenByTheUpstream(name), admitted);
    std::sort(times.begin(), times.end());
    return times;
  }

  void SetUp() override { records_before_ = Records(); }
  static std::set<std::string> Records() {
    const std::vector<std::string> keys = redis->Keys("*:q:*");
    return {keys.begin(), keys.end()};
  }
  // What this test's caller has used: the record that was not there before.
  std::string UsedCredits() const {
    std::vector<std::string> mine;
    for (const std::string& key : Records()) {
      if (!records_before_.contains(key)) mine.push_back(key);
    }
    return mine.size() == 1 ? redis->Ask({"HGET", mine.front(), "used"})
                            : std::to_string(mine.size()) + " records";
  }

  std::set<std::string> records_before_;
  static kit::RedisServer* redis;
};
kit::RedisServer* SharedLimits::redis = nullptr;

// The most admissions in a window of this length that ends with one. As the promise has it, one that is
// exactly as old is still in it.
size_t MostWithin(const std::vector<int64_t>& times, int64_t window) {
  size_t most = 0;
  for (size_t begin = 0, at = 0; at < times.size(); ++at) {
    while (times[at] - times[begin] > window) ++begin;
    most = std::max(most, at - begin + 1);
  }
  return most;
}

// Ten seconds of 150 requests a second by four callers, over both proxies.
std::vector<int64_t> TenSeconds(const std::vector<int64_t>& times) {
  std::vector<int64_t> within;
  for (const int64_t time : times) {
    if (time - times.front() < 10 * kMicros) within.push_back(time);
  }
  return within;
}

TEST_F(SharedLimits, FiftyInASecondAreFiftyOverBothProxies) {
  Serve("window", "  rateLimits: [{name: burst, requests: 50, per: 1s}]\n");
  kit::Load load(Callers("window", 4), std::chrono::microseconds(4 * kMicros / 150), 1'520);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  const auto times = Admissions("window", AwaitLines("window", load.answers()));
  ASSERT_FALSE(times.empty());
  const size_t most = MostWithin(times, kMicros);
  const size_t in_ten_seconds = TenSeconds(times).size();
  std::printf("%zu admitted in 10 s, at most %zu in a trailing second\n", in_ten_seconds, most);
  EXPECT_LE(most, 50u);
  EXPECT_GE(in_ten_seconds, 490u);
  EXPECT_EQ(times.size(), load.Count(200));
  EXPECT_EQ(load.Count(200) + load.Count(429), load.answers()) << load.Errors();
}

TEST_F(SharedLimits, ABurstIsGrantedOnceOverBothProxies) {
  Serve("bucket", "  rateLimits: [{name: burst, requests: 50, per: 1s, burst: 20}]\n");
  kit::Load load(Callers("bucket", 4), std::chrono::microseconds(4 * kMicros / 150), 1'520);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  const auto times = Admissions("bucket", AwaitLines("bucket", load.answers()));
  ASSERT_FALSE(times.empty());
  const size_t in_ten_seconds = TenSeconds(times).size();
  EXPECT_EQ(times.size(), load.Count(200));
  EXPECT_EQ(load.Count(200) + load.Count(429), load.answers()) << load.Errors();
  std::printf("%zu admitted in 10 s\n", in_ten_seconds);
  EXPECT_LE(in_ten_seconds, 520u);
  EXPECT_GE(in_ten_seconds, 510u);
  for (const int64_t seconds : {1, 2, 5}) {
    EXPECT_LE(MostWithin(times, seconds * kMicros), static_cast<size_t>(50 * seconds + 20));
  }
}

TEST_F(SharedLimits, CreditsAreExactToTheRequestUnderConcurrency) {
  Serve("credits", "  quota: {credits: 700, window: {type: Calendar, calendar: Year}}\n");
  kit::Load load(Callers("credits", 8), {}, 1'200);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  EXPECT_EQ(load.Count(200), 700u);
  EXPECT_EQ(load.Count(429), 500u);
  const auto lines = AwaitLines("credits", load.answers());
  EXPECT_EQ(Admissions("credits", lines).size(), 700u);
  EXPECT_EQ(UsedCredits(), "700");
}

// What a plan says for the time that the store is away, tried with a store that dies and one that stands
// still, under load.
struct Outage {
  std::string name;
  bool frozen;
  std::string rule;
  std::string log_name;
  int status;
};

class StoreOutage : public SharedLimits, public testing::WithParamInterface<Outage> {
 protected:
  static void Begin() {
    if (GetParam().frozen) {
      redis->Freeze();
    } else {
      redis->Kill();
    }
  }
  static void End() {
    if (GetParam().frozen) {
      redis->Thaw();
    } else {
      redis->Start();
    }
  }
  static double CircuitOpen(int proxy) {
    kit::HttpClient client(Installation::ProxyAddress(proxy), 9090);
    const std::string text = client.Get("/metrics").body;
    const std::string series = "tollgate_store_circuit_open{store=\"limits\"} ";
    const size_t at = text.find(series);
    return at == std::string::npos ? -1 : std::atof(text.c_str() + at + series.size());
  }
  static bool BothCircuits(double open) { return CircuitOpen(1) == open && CircuitOpen(2) == open; }
};

TEST_P(StoreOutage, ThePlansRuleDecidesAndNoCreditIsLostOrChargedTwice) {
  const Outage& outage = GetParam();
  Serve(outage.name,
        "  quota: {credits: 1000000, window: {type: Calendar, calendar: Year}}\n"
        "  enforcement: {whenStoreIsDown: " +
            outage.rule + "}\n");
  ASSERT_TRUE(kit::Eventually([] { return BothCircuits(0); }));
  kit::Load load(Callers(outage.name, 4), std::chrono::milliseconds(4));
  ASSERT_TRUE(load.AwaitAnswers(200));
  Begin();
  ASSERT_TRUE(kit::Eventually([] { return BothCircuits(1); }));
  for (const int proxy : {1, 2}) {
    EXPECT_THAT(installation->proxy(proxy).Stderr(),
                testing::HasSubstr("each plan's whenStoreIsDown decides: see that it runs"));
  }
  const std::string circuit_opened = FormatTimeMicros(SystemWallClock().Now());
  const size_t opened = load.answers();
  ASSERT_TRUE(load.AwaitAnswers(opened + 400));
  const std::string still_open = FormatTimeMicros(SystemWallClock().Now());
  End();
  const auto ended = std::chrono::steady_clock::now();
  ASSERT_TRUE(kit::Eventually([] { return BothCircuits(0); }));
  std::printf("used again %lld ms after its return\n",
              static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                         std::chrono::steady_clock::now() - ended)
                                         .count()));
  ASSERT_TRUE(load.AwaitAnswers(load.answers() + 200));
  load.Stop();
  std::printf("%zu answered 200, %zu with 503; the slowest took %lld ms\n", load.Count(200), load.Count(503),
              static_cast<long long>(load.slowest().count()));
  const size_t refused = outage.status == 200 ? 0 : load.Count(outage.status);
  EXPECT_EQ(load.Count(200) + refused, load.answers()) << load.Errors();

  size_t decided_without = 0;
  for (const nlohmann::json& line : AwaitLines(outage.name, load.answers())) {
    const std::string time = line["time"];
    if (time < circuit_opened || time > still_open) continue;
    ++decided_without;
    EXPECT_EQ(line["status"], outage.status) << line;
    EXPECT_EQ(line.value("storeOutage", ""), outage.log_name) << line;
    EXPECT_FALSE(line.contains("storeTime")) << line;
  }
  EXPECT_GE(decided_without, 300u);

  const std::string served = std::to_string(load.Count(200));
  EXPECT_TRUE(kit::Eventually([&] { return UsedCredits() == served; }))
      << "served " << served << ", charged " << UsedCredits();
}

INSTANTIATE_TEST_SUITE_P(Ways, StoreOutage,
                         testing::Values(Outage{"frozen-local", true, "Local", "local", 200},
                                         Outage{"frozen-open", true, "Open", "open", 200},
                                         Outage{"frozen-closed", true, "Closed", "closed", 503},
                                         Outage{"killed-local", false, "Local", "local", 200},
                                         Outage{"killed-open", false, "Open", "open", 200},
                                         Outage{"killed-closed", false, "Closed", "closed", 503}),
                         [](const testing::TestParamInfo<Outage>& way) {
                           return std::string(way.param.frozen ? "Frozen" : "Killed") + way.param.rule;
                         });

}  // namespace
}  // namespace tollgate::cluster
