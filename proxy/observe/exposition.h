// The proxy's metrics as Prometheus reads them. The proxy's only user of prometheus-cpp. Any thread.
#pragma once

#include <string>
#include <vector>

#include "proxy/observe/core_metrics.h"

namespace tollgate::observe {

// A value that is read when asked for. `name` without the prefix.
struct Gauge {
  std::string name;
  std::string help;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
};

// The text exposition format, version 0.0.4.
std::string ExposeMetrics(const Totals& totals, const std::vector<Gauge>& gauges);

}  // namespace tollgate::observe
