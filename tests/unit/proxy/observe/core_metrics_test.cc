// What is counted, and under which labels.
#include "proxy/observe/core_metrics.h"

#include <gmock/gmock.h>

#include <thread>

#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::observe {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class CoreMetricsTest : public ::testing::Test {
 protected:
  CoreMetricsTest() {
    builder_.Plan("market/gold");
    builder_.Consumer("market/gold", "ada");
    kit::AddRule(builder_.GuardedRoute("market/quotes", {"market/gold"}), "get-quote");
    catalog_ = builder_.Build();
  }
  // A request of ada's that an upstream answered.
  void Serve(exchange::Exchange& x) {
    x.routed = exchange::Routed{&kit::RouteNamed(*catalog_, "market/quotes"),
                                &kit::RuleNamed(*catalog_, "get-quote"), 0, nullptr};
    x.route = "market/quotes";
    x.rule = "get-quote";
    x.identity = {catalog_->plans().data(), 0, &catalog_->consumers()[0].spec};
    x.source = exchange::Source::kUpstream;
    x.status = 200;
    x.upstream = "market/quotes:http";
    x.endpoint = "10.0.0.1:80";
    x.attempts = 1;
  }
  // The values of one counter by label values joined with "|".
  std::map<std::string, uint64_t> Values(Counter counter) const {
    Totals totals;
    metrics_.MergeInto(totals);
    std::map<std::string, uint64_t> values;
    for (const auto& [key, count] : totals.counters) {
      if (key.first != counter) continue;
      std::string joined;
      for (const std::string& label : key.second) joined += (&label == key.second.data() ? "" : "|") + label;
      values[joined] = count;
    }
    return values;
  }

  kit::SnapshotBuilder builder_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  CoreMetrics metrics_;
};

TEST(CounterRows, StandInTheOrderOfTheCounters) {
  const std::vector<CounterRow>& rows = CounterRows();
  ASSERT_EQ(rows.size(), static_cast<size_t>(Counter::kCount));
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(static_cast<size_t>(rows[i].counter), i);
}

TEST(CounterRows, NamesFollowPrometheusConventions) {
  for (const CounterRow& row : CounterRows()) {
    EXPECT_TRUE(row.name.ends_with("_total")) << row.name;
    EXPECT_TRUE(row.help.ends_with(".")) << row.name;
  }
}

TEST_F(CoreMetricsTest, NothingIsCountedBeforeARequest) {
  Totals totals;
  metrics_.MergeInto(totals);
  EXPECT_THAT(totals.counters, IsEmpty());
}

TEST_F(CoreMetricsTest, RequestIsCountedByRouteRulePlanCodeAndSource) {
  kit::TestExchange x("GET", "/");
  Serve(*x);
  metrics_.CountRequest(*x, milliseconds(1));
  metrics_.CountRequest(*x, milliseconds(1));
  x->status = 503;
  metrics_.CountRequest(*x, milliseconds(1));
  EXPECT_THAT(Values(Counter::kRequests),
              ElementsAre(Pair("market/quotes|get-quote|market/gold|200|upstream", 2),
                          Pair("market/quotes|get-quote|market/gold|503|upstream", 1)));
  EXPECT_THAT(Values(Counter::kUpstreamRequests),
              ElementsAre(Pair("market/quotes:http|200", 2), Pair("market/quotes:http|503", 1)));
  EXPECT_THAT(Values(Counter::kRefusals), IsEmpty());
}

// A Service that refuses every connection is to be seen as such.
TEST_F(CoreMetricsTest, RequestThatItsUpstreamFailedIsTheUpstreamsToo) {
  kit::TestExchange x("GET", "/");
  Serve(*x);
  x->source = exchange::Source::kGateway;
  x->status = 502;
  x->problem = "upstream-connect";
  metrics_.CountRequest(*x, milliseconds(1));
  EXPECT_THAT(Values(Counter::kUpstreamRequests), ElementsAre(Pair("market/quotes:http|502", 1)));
  EXPECT_THAT(Values(Counter::kRefusals), ElementsAre(Pair("upstream-connect", 1)));
}

TEST_F(CoreMetricsTest, RequestThatNoUpstreamWasAskedForIsNone) {
  kit::TestExchange x("GET", "/");
  Serve(*x);
  x->source = exchange::Source::kGateway;
  x->status = 503;
  x->attempts = 0;
  x->problem = "upstream-none-ready";
  metrics_.CountRequest(*x, milliseconds(1));
  EXPECT_THAT(Values(Counter::kUpstreamRequests), IsEmpty());
}

TEST_F(CoreMetricsTest, RequestThatMatchedNothingHasEmptyLabels) {
  kit::TestExchange x("GET", "/");
  x->status = 404;
  x->problem = "no-route";
  metrics_.CountRequest(*x, milliseconds(1));
  EXPECT_THAT(Values(Counter::kRequests), ElementsAre(Pair("|||404|gateway", 1)));
  EXPECT_THAT(Values(Counter::kRefusals), ElementsAre(Pair("no-route", 1)));
  EXPECT_THAT(Values(Counter::kUpstreamRequests), IsEmpty());
}

TEST_F(CoreMetricsTest, SourcesAreToldApart) {
  kit::TestExchange x("GET", "/");
  x->status = 200;
  for (const auto source :
       {exchange::Source::kGateway, exchange::Source::kUpstream, exchange::Source::kCache}) {
    x->source = source;
    metrics_.CountRequest(*x, milliseconds(1));
  }
  EXPECT_THAT(Values(Counter::kRequests),
              ElementsAre(Pair("|||200|cache", 1), Pair("|||200|gateway", 1), Pair("|||200|upstream", 1)));
}

TEST_F(CoreMetricsTest, BytesRetriesAndCreditsAddUp) {
  kit::TestExchange x("GET", "/");
  Serve(*x);
  x.downstream().SetBytes(10, 200);
  x->attempts = 3;
  x->charged = 25;
  metrics_.CountRequest(*x, milliseconds(1));
  metrics_.CountRequest(*x, milliseconds(1));
  EXPECT_THAT(Values(Counter::kRequestBytes), ElementsAre(Pair("", 20)));
  EXPECT_THAT(Values(Counter::kResponseBytes), ElementsAre(Pair("", 400)));
  EXPECT_THAT(Values(Counter::kUpstreamRetries), ElementsAre(Pair("", 4)));
  EXPECT_THAT(Values(Counter::kCreditsCharged), ElementsAre(Pair("market/gold", 50)));
}

TEST_F(CoreMetricsTest, EndpointsThatComeAndGoAddNoSeries) {
  kit::TestExchange x("GET", "/");
  Serve(*x);
  for (const char* endpoint : {"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"}) {
    x->endpoint = endpoint;
    metrics_.CountRequest(*x, milliseconds(1));
  }
  EXPECT_THAT(Values(Counter::kUpstreamRequests), ElementsAre(Pair("market/quotes:http|200", 3)));
}

TEST_F(CoreMetricsTest, LabelsOfOtherCountersAreKeptInOrder) {
  metrics_.Count(Counter::kLimitDecisions, {"market/gold", "burst", "refused"});
  metrics_.Count(Counter::kLimitDecisions, {"market/gold", "", "admitted"}, 5);
  metrics_.Count(Counter::kCacheLookups, {"market/quotes", "memory", "hit"});
  EXPECT_THAT(Values(Counter::kLimitDecisions),
              ElementsAre(Pair("market/gold|burst|refused", 1), Pair("market/gold||admitted", 5)));
  EXPECT_THAT(Values(Counter::kCacheLookups), ElementsAre(Pair("market/quotes|memory|hit", 1)));
}

TEST_F(CoreMetricsTest, ValuesBeyondTheMostFallIntoOther) {
  for (int i = 0; i < 25'000; ++i) metrics_.Count(Counter::kCreditsCharged, {std::to_string(i), "", ""});
  const std::map<std::string, uint64_t> values = Values(Counter::kCreditsCharged);
  const uint64_t other = values.at("other");
  EXPECT_GT(other, 4'000U);
  EXPECT_EQ(values.size() - 1 + other, 25'000U);
  EXPECT_THAT(Values(Counter::kLabelsDropped), ElementsAre(Pair("", other)));
  metrics_.Count(Counter::kCreditsCharged, {"7", "", ""});
  EXPECT_EQ(Values(Counter::kCreditsCharged).at("7"), 2U) << "known values are counted on";
}

TEST_F(CoreMetricsTest, ValueNamedOtherIsCountedThere) {
  metrics_.Count(Counter::kRefusals, {"other", "", ""});
  EXPECT_THAT(Values(Counter::kRefusals), ElementsAre(Pair("other", 1)));
}

TEST_F(CoreMetricsTest, DurationsFallIntoTheirBuckets) {
  kit::TestExchange x("GET", "/");
  x->upstream_time = milliseconds(90);
  metrics_.CountRequest(*x, milliseconds(100));
  Totals totals;
  metrics_.MergeInto(totals);
  EXPECT_EQ(totals.request_duration.counts[9], 1U);  // at most 0.1 s
  EXPECT_EQ(totals.gateway_duration.counts[6], 1U);  // at most 0.01 s
  EXPECT_DOUBLE_EQ(totals.request_duration.sum, 0.1);
  EXPECT_DOUBLE_EQ(totals.gateway_duration.sum, 0.01);
}

TEST_F(CoreMetricsTest, WhatFollowsTheAnswersHeadIsNotTheGatewaysTime) {
  kit::TestExchange x("GET", "/");
  x->started = SteadyTime() + std::chrono::hours(1);
  x->answered = x->started + milliseconds(100);
  x->upstream_time = milliseconds(90);
  metrics_.CountRequest(*x, std::chrono::seconds(60));
  Totals totals;
  metrics_.MergeInto(totals);
  EXPECT_DOUBLE_EQ(totals.request_duration.sum, 60);
  EXPECT_DOUBLE_EQ(totals.gateway_duration.sum, 0.01);
}

TEST(Histogram, BoundsBelongToTheirBucket) {
  Histogram histogram;
  for (const double bound : kBuckets) histogram.Observe(bound);
  histogram.Observe(10.001);
  for (const uint64_t count : histogram.counts) EXPECT_EQ(count, 1U);
}

TEST_F(CoreMetricsTest, CoresAddUp) {
  CoreMetrics other;
  metrics_.Count(Counter::kRefusals, {"a", "", ""});
  other.Count(Counter::kRefusals, {"b", "", ""});
  other.Count(Counter::kRefusals, {"a", "", ""}, 2);
  metrics_.ConnectionOpened();
  other.ConnectionOpened();
  other.ConnectionOpened();
  other.ConnectionClosed();
  Totals totals;
  metrics_.MergeInto(totals);
  other.MergeInto(totals);
  EXPECT_EQ(totals.counters.at({Counter::kRefusals, {"a"}}), 3U);
  EXPECT_EQ(totals.counters.at({Counter::kRefusals, {"b"}}), 1U);
  EXPECT_EQ(totals.connections, 2);
}

TEST_F(CoreMetricsTest, ScrapesMayComeWhileItCounts) {
  std::thread counting([this] {
    for (int i = 0; i < 10'000; ++i) metrics_.Count(Counter::kRefusals, {std::to_string(i % 50), "", ""});
  });
  for (int i = 0; i < 20; ++i) (void)Values(Counter::kRefusals);
  counting.join();
  uint64_t sum = 0;
  for (const auto& [label, count] : Values(Counter::kRefusals)) sum += count;
  EXPECT_EQ(sum, 10'000U);
}

}  // namespace
}  // namespace tollgate::observe
