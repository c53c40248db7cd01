// /metrics says what happened.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/feature/limited_plan.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

class Metrics : public testing::Test {
 protected:
  void SetUp() override {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(Metrics, CountersEqualWhatTheClientSent) {
  kit::HttpClient client(gateway_.port());
  for (int i = 0; i < 17; ++i) client.Get("/", {"Host: a.example"});
  for (int i = 0; i < 5; ++i) client.Get("/", {"Host: nobody.example"});
  kit::HttpRequest post;
  post.method = "POST";
  post.headers = {"Host: a.example"};
  post.body = std::string(1000, 'x');
  client.Send(post);
  // A request is counted when its answer has left, which its caller may see first: the last one's comes last.
  EXPECT_TRUE(
      kit::Eventually([this] { return gateway_.Metric("tollgate_proxy_request_bytes_total") == 1000; }));
  EXPECT_EQ(gateway_.Metric(
                "tollgate_proxy_requests_total{route=\"test/upstream\",rule=\"all\",plan=\"\",code=\"200\","
                "source=\"upstream\"}"),
            18);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_requests_total{route=\"\",rule=\"\",plan=\"\",code=\"404\","
                            "source=\"gateway\"}"),
            5);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_refusals_total{reason=\"no-route\"}"), 5);
  EXPECT_EQ(gateway_.Metric("tollgate_upstream_requests_total{upstream=\"test/upstream:http\",code=\"200\"}"),
            18);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_request_duration_seconds_count"), 23);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_connections"), 1);
}

// A plan that may read three times an hour and never write.
std::string ReadersPlan() {
  std::string yaml =
      LimitedPlan("  allow: {operations: [read]}\n  rateLimits: [{name: hourly, requests: 3, per: 1h}]\n");
  const size_t rules = yaml.find("  rules: ");
  return yaml.replace(rules, yaml.find("---") - rules, R"(  rules:
  - name: read
    operation: read
    matches: [{methods: [GET], path: {type: Exact, value: /items}}]
    upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}
  - name: write
    operation: write
    matches: [{methods: [POST], path: {type: Exact, value: /items}}]
    upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}
)");
}

// The requests that were counted, of every route and plan.
std::map<int, double> CountedByCode(kit::Gateway& gateway) {
  constexpr std::string_view kCode = "code=\"";
  std::map<int, double> counted;
  std::istringstream text(kit::HttpClient(gateway.metrics_port()).Get("/metrics").body);
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("tollgate_proxy_requests_total{")) continue;
    const int code = std::atoi(line.c_str() + line.find(kCode) + kCode.size());
    counted[code] += std::stod(line.substr(line.rfind(' ')));
  }
  return counted;
}

TEST(Refusals, EqualWhatTheClientSentByTheirReason) {
  constexpr char kHost[] = "Host: a.example";
  struct Row {
    int times;
    kit::HttpRequest request;
    int status;
    std::string reason;
  };
  const std::vector<Row> rows = {
      {4, {"GET", "/items", {kHost}, {}}, 401, "no-credential"},
      {3, {"GET", "/items", {kHost, "X-Api-Key: nobody-has-this-key"}, {}}, 401, "credential-refused"},
      {2, {"POST", "/items", kLimitedHeaders, "{}"}, 403, "operation-not-allowed"},
      {5, {"GET", "/nothing", kLimitedHeaders, {}}, 404, "no-route"},
      {6, {"DELETE", "/items", kLimitedHeaders, {}}, 405, "method-not-allowed"},
      {3, {"GET", "/items", kLimitedHeaders, {}}, 200, ""},
      {7, {"GET", "/items", kLimitedHeaders, {}}, 429, "rate-limited"},
  };
  kit::RecordingUpstream upstream;
  kit::Gateway gateway;
  gateway.WriteService("test", "upstream", upstream.port()).Write("plan.yaml", ReadersPlan());
  ASSERT_TRUE(gateway.Start()) << gateway.Stderr();
  kit::HttpClient client(gateway.port());
  std::map<int, double> sent;
  for (const Row& row : rows) {
    for (int i = 0; i < row.times; ++i) EXPECT_EQ(client.Send(row.request).status, row.status);
    sent[row.status] += row.times;
  }
  EXPECT_TRUE(kit::Eventually([&] { return CountedByCode(gateway) == sent; }))
      << testing::PrintToString(CountedByCode(gateway));
  for (const Row& row : rows) {
    if (row.reason.empty()) continue;
    EXPECT_EQ(gateway.Metric("tollgate_proxy_refusals_total{reason=\"" + row.reason + "\"}"), row.times)
        << row.reason;
  }
  EXPECT_EQ(gateway.Metric("tollgate_upstream_requests_total{upstream=\"test/upstream:http\",code=\"200\"}"),
            3);
}

// What promtool has against a text.
std::string Complaints(const std::string& text) {
  const kit::TempFolder folder;
  folder.Write("metrics", text);
  const std::string check =
      "promtool check metrics < " + (folder / "metrics") + " > " + (folder / "said") + " 2>&1";
  const int status = std::system(check.c_str());
  return folder.Read("said") + (status == 0 ? "" : "exit status " + std::to_string(status));
}

TEST_F(Metrics, PromtoolFindsNothingToMend) {
  kit::HttpClient client(gateway_.port());
  client.Get("/", {"Host: a.example"});
  const std::string counted =
      "tollgate_proxy_requests_total{route=\"test/upstream\",rule=\"all\",plan=\"\",code=\"200\","
      "source=\"upstream\"}";
  ASSERT_TRUE(kit::Eventually([&] { return gateway_.Metric(counted) == 1; }));
  const kit::HttpAnswer metrics = kit::HttpClient(gateway_.metrics_port()).Get("/metrics");
  ASSERT_EQ(metrics.status, 200);
  ASSERT_THAT(metrics.body, testing::HasSubstr("\n" + counted + " 1\n"));
  EXPECT_EQ(Complaints(metrics.body), "");
}

TEST_F(Metrics, HealthIsToldApart) {
  kit::HttpClient client(gateway_.metrics_port());
  EXPECT_EQ(client.Get("/livez").status, 200);
  EXPECT_EQ(client.Get("/readyz").status, 200);
  EXPECT_EQ(client.Get("/nothing").status, 404);
}

}  // namespace
}  // namespace tollgate
