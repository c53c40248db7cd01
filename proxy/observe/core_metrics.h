// What one core counts: plain integers behind a lock that only a scrape ever contends for. Labels are
// interned per core, so that counting compares numbers. Any thread may merge; one thread counts.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/exchange/exchange.h"

namespace tollgate::observe {

enum class Counter : uint8_t {
  kRequests,          // route, rule, plan, code, source
  kRefusals,          // reason
  kRequestBytes,      // -
  kResponseBytes,     // -
  kLimitDecisions,    // plan, limit, verdict
  kCreditsCharged,    // plan
  kCacheLookups,      // route, tier, result
  kUpstreamRequests,  // upstream, code
  kUpstreamRetries,   // -
  kLabelsDropped,     // -
  kCount,
};

// Name (without prefix), help and label names of a counter, in the order of its label values.
struct CounterRow {
  Counter counter;
  std::string_view name;
  std::string_view help;
  std::vector<std::string_view> labels;
};
const std::vector<CounterRow>& CounterRows();

// Upper bounds in seconds: from a memory hit to a slow upstream.
inline constexpr std::array<double, 16> kBuckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

struct Histogram {
  std::array<uint64_t, kBuckets.size() + 1> counts{};
  double sum = 0;
  void Observe(double seconds);
  void Add(const Histogram& other);
};

// Counters of all cores by label values, added up.
struct Totals {
  std::map<std::pair<Counter, std::vector<std::string>>, uint64_t> counters;
  Histogram request_duration;
  Histogram gateway_duration;
  int64_t connections = 0;
};

class CoreMetrics {
 public:
  static constexpr size_t kMaxLabels = 3;

  void Count(Counter counter, std::array<std::string_view, kMaxLabels> labels, uint64_t n = 1);
  // All that is known of a request when it has ended.
  void CountRequest(const exchange::Exchange& x, SteadyTime::duration took);
  void ConnectionOpened();
  void ConnectionClosed();

  void MergeInto(Totals& totals) const;

 private:
  struct Key {
    Counter counter;
    uint8_t source;
    uint16_t code;
    std::array<uint32_t, kMaxLabels> labels;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  // Values beyond this many are counted under "other": a label that somebody outside can choose must not
  // grow the memory of the gateway, or of Prometheus.
  static constexpr size_t kMaxLabelValues = 20'000;

  uint32_t Intern(std::string_view value);
  void Add(const Key& key, uint64_t n) { counts_[key] += n; }
  std::vector<std::string> Render(const Key& key) const;

  mutable std::mutex mutex_;
  std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>> label_numbers_;
  std::vector<std::string> label_values_{"other", ""};
  std::unordered_map<Key, uint64_t, KeyHash> counts_;
  Histogram request_duration_;
  Histogram gateway_duration_;
  int64_t connections_ = 0;
};

}  // namespace tollgate::observe
