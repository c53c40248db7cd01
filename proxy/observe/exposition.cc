#include "proxy/observe/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <map>
#include <sstream>

namespace tollgate::observe {
namespace {

constexpr char kPrefix[] = "tollgate_";

prometheus::MetricFamily CounterFamily(const CounterRow& row, const Totals& totals) {
  prometheus::MetricFamily family;
  family.name = kPrefix + std::string(row.name);
  family.help = row.help;
  family.type = prometheus::MetricType::Counter;
  for (auto at = totals.counters.lower_bound({row.counter, {}});
       at != totals.counters.end() && at->first.first == row.counter; ++at) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    for (size_t i = 0; i < row.labels.size(); ++i) {
      metric.label.push_back({std::string(row.labels[i]), at->first.second[i]});
    }
    metric.counter.value = static_cast<double>(at->second);
  }
  return family;
}

prometheus::MetricFamily EmptyHistogramFamily(const char* name, const char* help) {
  prometheus::MetricFamily family;
  family.name = kPrefix + std::string(name);
  family.help = help;
  family.type = prometheus::MetricType::Histogram;
  return family;
}

void AddHistogram(const Histogram& histogram, prometheus::MetricFamily& family) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  uint64_t cumulative = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    cumulative += histogram.counts[i];
    const double bound = i < kBuckets.size() ? kBuckets[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({cumulative, bound});
  }
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = histogram.sum;
}

prometheus::MetricFamily HistogramFamily(const char* name, const char* help, const Histogram& histogram) {
  prometheus::MetricFamily family = EmptyHistogramFamily(name, help);
  AddHistogram(histogram, family);
  return family;
}

// Of the stores that were asked.
prometheus::MetricFamily StoreDurations(const Totals& totals) {
  constexpr std::array<const char*, kStores> kNames = {"limits", "cache"};
  prometheus::MetricFamily family =
      EmptyHistogramFamily("store_duration_seconds", "Time that requests waited for a shared store.");
  for (size_t i = 0; i < kStores; ++i) {
    if (totals.store_duration[i].empty()) continue;
    AddHistogram(totals.store_duration[i], family);
    family.metric.back().label.push_back({"store", kNames[i]});
  }
  return family;
}

void AppendGauges(const std::vector<Gauge>& gauges, std::vector<prometheus::MetricFamily>& families) {
  std::map<std::string, prometheus::MetricFamily> by_name;
  for (const Gauge& gauge : gauges) {
    prometheus::MetricFamily& family = by_name[gauge.name];
    family.name = kPrefix + gauge.name;
    family.help = gauge.help;
    const bool counts = gauge.name.ends_with("_total");
    family.type = counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    for (const auto& [name, value] : gauge.labels) metric.label.push_back({name, value});
    (counts ? metric.counter.value : metric.gauge.value) = gauge.value;
  }
  for (auto& [name, family] : by_name) families.push_back(std::move(family));
}

}  // namespace

std::string ExposeMetrics(const Totals& totals, const std::vector<Gauge>& gauges) {
  std::vector<prometheus::MetricFamily> families;
  for (const CounterRow& row : CounterRows()) families.push_back(CounterFamily(row, totals));
  families.push_back(HistogramFamily("proxy_request_duration_seconds",
                                     "Time from a request's head to the end of its answer.",
                                     totals.request_duration));
  families.push_back(HistogramFamily(
      "proxy_gateway_duration_seconds",
      "Time from a request's head to that of its answer, without what an upstream took of it.",
      totals.gateway_duration));
  if (prometheus::MetricFamily stores = StoreDurations(totals); !stores.metric.empty()) {
    families.push_back(std::move(stores));
  }
  std::vector<Gauge> all = gauges;
  all.push_back({"proxy_connections",
                 "Connections of callers that are open.",
                 {},
                 static_cast<double>(totals.connections)});
  AppendGauges(all, families);
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace tollgate::observe
