#include "controller/admin/controller_metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <utility>

#include "api/base/version.h"

namespace tollgate::admin {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<prometheus::ClientMetric::Label>;

MetricFamily Family(const std::string& name, const std::string& help, MetricType type) {
  MetricFamily family;
  family.name = "tollgate_" + name;
  family.help = help;
  family.type = type;
  return family;
}

void AddGauge(MetricFamily& family, Labels labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

MetricFamily Counter(const std::string& name, const std::string& help, uint64_t value) {
  MetricFamily family = Family(name, help, MetricType::Counter);
  family.metric.emplace_back().counter.value = static_cast<double>(value);
  return family;
}

MetricFamily WatchAges(const ControllerFigures& figures) {
  MetricFamily family = Family("controller_watch_age_seconds",
                               "Time since the API server last said anything of a kind.", MetricType::Gauge);
  for (const auto& [kind, age] : figures.watch_age_seconds) AddGauge(family, {{"kind", kind}}, age);
  return family;
}

MetricFamily Objects(const ControllerFigures& figures) {
  MetricFamily family =
      Family("controller_objects", "Objects for which a condition is True; under All: all of the kind.",
             MetricType::Gauge);
  for (const auto& [key, count] : figures.objects) {
    AddGauge(family, {{"kind", key.first}, {"condition", key.second}}, static_cast<double>(count));
  }
  return family;
}

std::string StateOf(const publish::ProxyState& proxy, const std::string& version) {
  if (!proxy.connected) return "gone";
  if (proxy.version == version) return "current";
  return proxy.acknowledged == version && !proxy.refusal.empty() ? "refusing" : "behind";
}

MetricFamily Proxies(const ControllerFigures& figures) {
  // Every state is named, so that none is missing from a sum or an alert.
  std::map<std::string, double> counts = {{"current", 0}, {"behind", 0}, {"refusing", 0}, {"gone", 0}};
  for (const publish::ProxyState& proxy : figures.proxies) ++counts[StateOf(proxy, figures.version)];
  MetricFamily family = Family("controller_proxies",
                               "Proxies that serve the present configuration, are on the way to it, refuse "
                               "it, or left within the last "
                               "minutes.",
                               MetricType::Gauge);
  for (const auto& [state, count] : counts) AddGauge(family, {{"state", state}}, count);
  return family;
}

MetricFamily StraySecrets(const ControllerFigures& figures) {
  MetricFamily family = Family(
      "controller_secrets_without_plan",
      "Secrets of callers whose label names no ApiPlan, so that the callers are refused.", MetricType::Gauge);
  AddGauge(family, {}, static_cast<double>(figures.stray_secrets));
  return family;
}

MetricFamily Leader(const ControllerFigures& figures) {
  MetricFamily family =
      Family("controller_leader", "Whether this controller writes status.", MetricType::Gauge);
  AddGauge(family, {}, figures.leader ? 1 : 0);
  return family;
}

MetricFamily Build() {
  MetricFamily family = Family("build_info", "The release that runs.", MetricType::Gauge);
  AddGauge(family, {{"version", kVersion}}, 1);
  return family;
}

}  // namespace

void ControllerMetrics::ObserveCompile(std::chrono::nanoseconds took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  const std::scoped_lock lock(mutex_);
  ++compiles_[static_cast<size_t>(bound - kBounds.begin())];
  compile_seconds_ += seconds;
}

prometheus::MetricFamily ControllerMetrics::CompileDurations() const {
  MetricFamily family = Family("controller_compile_duration_seconds",
                               "Time from the objects to a whole configuration.", MetricType::Histogram);
  prometheus::ClientMetric::Histogram& histogram = family.metric.emplace_back().histogram;
  const std::scoped_lock lock(mutex_);
  for (size_t i = 0; i < compiles_.size(); ++i) {
    histogram.sample_count += compiles_[i];
    const double bound = i < kBounds.size() ? kBounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = compile_seconds_;
  return family;
}

std::string ControllerMetrics::Expose(const ControllerFigures& figures) const {
  const std::vector<MetricFamily> families = {
      WatchAges(figures),
      Counter("controller_relists_total", "Lists of all objects of a kind, the first ones included.",
              figures.relists),
      CompileDurations(),
      Objects(figures),
      Proxies(figures),
      Counter("controller_push_bytes_total", "Bytes of configurations sent to proxies.", figures.push_bytes),
      StraySecrets(figures),
      Leader(figures),
      Build()};
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace tollgate::admin
