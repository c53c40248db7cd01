// What Prometheus is shown.
#include "proxy/observe/exposition.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>

#include "tests/kit/temp_folder.h"

namespace tollgate::observe {
namespace {

using ::testing::HasSubstr;

// One of everything.
std::string ExposeSome() {
  CoreMetrics metrics;
  for (const CounterRow& row : CounterRows()) metrics.Count(row.counter, {"a/b", "c\"\\\n", "d"});
  metrics.ConnectionOpened();
  Totals totals;
  metrics.MergeInto(totals);
  totals.request_duration.Observe(0.003);
  totals.request_duration.Observe(60);
  return ExposeMetrics(totals, {{"snapshot_age_seconds", "Age of the snapshot.", {}, 1.5},
                                {"upstream_endpoints", "Endpoints by state.", {{"state", "ready"}}, 3},
                                {"upstream_endpoints", "Endpoints by state.", {{"state", "terminating"}}, 1},
                                {"snapshot_refused_total", "Snapshots refused.", {}, 2}});
}

TEST(Exposition, CountersHaveTheirLabels) {
  const std::string text = ExposeSome();
  EXPECT_THAT(text, HasSubstr("# TYPE tollgate_proxy_requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("tollgate_proxy_refusals_total{reason=\"a/b\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("tollgate_limit_decisions_total{plan=\"a/b\",limit=\"c\\\"\\\\\\n\",verdict=\"d\"} 1\n"));
}

TEST(Exposition, HistogramsAreCumulative) {
  const std::string text = ExposeSome();
  EXPECT_THAT(text, HasSubstr("tollgate_proxy_request_duration_seconds_bucket{le=\"0.0025\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tollgate_proxy_request_duration_seconds_bucket{le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tollgate_proxy_request_duration_seconds_bucket{le=\"10\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tollgate_proxy_request_duration_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("tollgate_proxy_request_duration_seconds_count 2\n"));
}

TEST(Exposition, GaugesOfOneNameAreOneFamily) {
  const std::string text = ExposeSome();
  const size_t first = text.find("# TYPE tollgate_upstream_endpoints gauge\n");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("# TYPE tollgate_upstream_endpoints gauge\n", first + 1), std::string::npos);
  EXPECT_THAT(text, HasSubstr("tollgate_upstream_endpoints{state=\"ready\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tollgate_upstream_endpoints{state=\"terminating\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tollgate_proxy_connections 1\n"));
}

TEST(Exposition, GaugesThatCountAreCounters) {
  EXPECT_THAT(ExposeSome(), HasSubstr("# TYPE tollgate_snapshot_refused_total counter\n"));
}

TEST(Exposition, LargeCountsKeepTheirDigits) {
  Totals totals;
  totals.counters[{Counter::kRequestBytes, {}}] = 9'007'199'254'740'992;
  EXPECT_THAT(ExposeMetrics(totals, {}), HasSubstr("tollgate_proxy_request_bytes_total 9007199254740992\n"));
}

// What Prometheus itself says of a text; nothing where it has nothing against it.
std::string Complaints(const std::string& text) {
  const kit::TempFolder folder;
  folder.Write("metrics", text);
  FILE* const promtool = ::popen(("promtool check metrics <" + (folder / "metrics") + " 2>&1").c_str(), "r");
  std::string said;
  for (int c = std::fgetc(promtool); c != EOF; c = std::fgetc(promtool)) said += static_cast<char>(c);
  const int status = ::pclose(promtool);
  return status == 0 ? said : "exit status " + std::to_string(status) + ": " + said;
}

TEST(Exposition, PrometheusFindsNothingToComplainOf) {
  ASSERT_EQ(std::system("promtool --version >/dev/null 2>&1"), 0) << "promtool is missing; run hack/setup.sh";
  EXPECT_EQ(Complaints(ExposeSome()), "");
  EXPECT_EQ(Complaints(ExposeMetrics({}, {})), "");
}

}  // namespace
}  // namespace tollgate::observe
