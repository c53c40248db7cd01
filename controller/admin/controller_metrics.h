// The controller's metrics as Prometheus reads them. The controller's only user of prometheus-cpp. Any
// thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "controller/publish/proxy_book.h"
#include "controller/publish/status_input.h"

namespace prometheus {
struct MetricFamily;
}

namespace tollgate::admin {

// What is read when somebody asks.
struct ControllerFigures {
  std::map<std::string, double> watch_age_seconds;  // by kind
  uint64_t relists = 0;
  publish::ConditionCounts objects;
  std::vector<publish::ProxyState> proxies;
  std::string version;  // the published one, against which proxies are judged
  uint64_t push_bytes = 0;
  size_t stray_secrets = 0;  // compile::Compiled::stray_secrets
  bool leader = true;
};

class ControllerMetrics {
 public:
  void ObserveCompile(std::chrono::nanoseconds took);

  // The text exposition format, version 0.0.4.
  std::string Expose(const ControllerFigures& figures) const;

 private:
  // Upper bounds in seconds: from one route to a hundred thousand keys.
  static constexpr std::array<double, 12> kBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                     0.05,   0.1,   0.25,   0.5,   1,    2.5};

  prometheus::MetricFamily CompileDurations() const;

  mutable std::mutex mutex_;
  std::array<uint64_t, kBounds.size() + 1> compiles_{};  // guarded by mutex_; the last: above all bounds
  double compile_seconds_ = 0;                           // guarded by mutex_
};

}  // namespace tollgate::admin
