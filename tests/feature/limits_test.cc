// What a plan promises, as callers see it: `limits.md` of the design in the embedded mode.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/feature/limited_plan.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

class Limits : public testing::Test {
 protected:
  void Start(const std::string& terms) {
    gateway_.WriteService("test", "upstream", upstream_.port()).Write("plan.yaml", LimitedPlan(terms));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }

  // Several callers at once, each as fast as it can until `stop`; returns how many were admitted.
  size_t Press(size_t callers, const std::function<bool()>& stop) {
    std::atomic<size_t> admitted = 0;
    std::vector<std::thread> threads;
    for (size_t i = 0; i < callers; ++i) {
      threads.emplace_back([&] {
        kit::HttpClient client(gateway_.port());
        while (!stop()) {
          const int status = client.Get("/", kLimitedHeaders).status;
          if (status == 200) ++admitted;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return admitted;
  }

  // The times of the decisions that admitted, by the store's clock, as the access log has them.
  std::multiset<int64_t> AdmittedTimes(size_t expected) {
    std::multiset<int64_t> times;
    kit::Eventually([&] {
      times.clear();
      for (const nlohmann::json& line : LogLines(gateway_.AccessLog())) {
        if (line.value("verdict", "") == "admitted") times.insert(line["storeTime"].get<int64_t>());
      }
      return times.size() >= expected;
    });
    return times;
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(Limits, NeverMoreThanDeclaredInAnyTrailingSecond) {
  Start("  rateLimits: [{name: burst, requests: 50, per: 1s}]\n");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  const size_t admitted = Press(4, [&] { return std::chrono::steady_clock::now() >= end; });
  const std::multiset<int64_t> times = AdmittedTimes(admitted);
  ASSERT_EQ(times.size(), admitted);
  // A window that ends with each admission; one that is exactly a second old is still in it.
  std::vector<int64_t> sorted(times.begin(), times.end());
  size_t most = 0;
  for (size_t begin = 0, at = 0; at < sorted.size(); ++at) {
    while (sorted[at] - sorted[begin] > 1'000'000) ++begin;
    most = std::max(most, at - begin + 1);
  }
  EXPECT_LE(most, 50u);
  // That it grants what it declares is a figure for the reader: how fast the callers ask is the machine's.
  EXPECT_GE(admitted, 50u);
  std::printf("%zu admitted in 4 s, at most %zu in a trailing second\n", admitted, most);
}

TEST_F(Limits, CreditsAreExactUnderConcurrency) {
  Start("  quota: {credits: 500, window: {type: Calendar, calendar: Year}}\n");
  std::atomic<size_t> sent = 0;
  const size_t admitted = Press(8, [&] { return ++sent > 900; });
  EXPECT_EQ(admitted, 500u);
  EXPECT_EQ(upstream_.Complete().size(), 500u);
  EXPECT_EQ(gateway_.Metric("tollgate_credits_charged_total{plan=\"test/plan\"}"), 500);
}

TEST_F(Limits, WithoutCreditsTheAnswerSaysSo) {
  Start("  quota: {credits: 1, window: {type: Calendar, calendar: Year}}\n");
  kit::HttpClient client(gateway_.port());
  EXPECT_EQ(client.Get("/", kLimitedHeaders).status, 200);
  const kit::HttpAnswer refused = client.Get("/", kLimitedHeaders);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(nlohmann::json::parse(refused.body)["type"], "https://tollgate.dev/problems/credits-exhausted");
  EXPECT_NE(refused.Header("retry-after"), "");
}

TEST_F(Limits, OverageIsServedWhereThePlanAllowsIt) {
  Start("  quota: {credits: 1, window: {type: Calendar, calendar: Year}, whenExhausted: AllowOverage}\n");
  kit::HttpClient client(gateway_.port());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.Get("/", kLimitedHeaders).status, 200);
  }
}

TEST_F(Limits, ABogusKeyChangesNobodysCounter) {
  Start("  rateLimits: [{name: burst, requests: 2, per: 1h}]\n");
  kit::HttpClient client(gateway_.port());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.Get("/", {"Host: a.example", "X-Api-Key: bogus-key-bogus-key"}).status, 401);
  }
  EXPECT_EQ(client.Get("/", kLimitedHeaders).status, 200);
  EXPECT_EQ(client.Get("/", kLimitedHeaders).status, 200);
  EXPECT_EQ(client.Get("/", kLimitedHeaders).status, 429);
}

TEST_F(Limits, TheUpstreamsOwnFieldsDoNotStandBesideTheGateways) {
  upstream_.SetAnswer(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: max-age=60\r\nRateLimit: \"theirs\";r=9\r\n"
      "RateLimit-Policy: \"theirs\";q=9\r\nX-RateLimit-Limit: 9\r\n\r\nok");
  std::string plan = LimitedPlan("  rateLimits: [{name: ours, requests: 5, per: 1h}]\n");
  plan.insert(plan.find("rules: [{name: all, ") + 20, "cache: {ttl: 60s, scope: Shared}, ");
  gateway_.WriteService("test", "upstream", upstream_.port()).Write("plan.yaml", plan);
  gateway_.Write("open.yaml", kit::PublicRoute("open.example"));
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  kit::HttpClient client(gateway_.port());
  for (const char* status : {"tollgate; fwd=uri-miss; stored", "tollgate; hit"}) {
    const kit::HttpAnswer answer = client.Get("/", kLimitedHeaders);
    EXPECT_TRUE(answer.Header("cache-status").starts_with(status)) << answer.Header("cache-status");
    EXPECT_EQ(answer.headers.count("ratelimit"), 1u);
    EXPECT_TRUE(answer.Header("ratelimit").starts_with("\"ours\"")) << answer.Header("ratelimit");
    EXPECT_EQ(answer.headers.count("ratelimit-policy"), 1u);
    EXPECT_EQ(answer.Header("x-ratelimit-limit"), "9");
  }
  EXPECT_EQ(client.Get("/", {"Host: open.example"}).Header("ratelimit"), "\"theirs\";r=9");
}

}  // namespace
}  // namespace tollgate
