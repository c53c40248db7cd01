// What one core counts: plain integers behind a lock that only a scrape ever contends for, and for moments:
// it copies a handful of counters at a time and renders without the lock. Labels are interned per core, so
// that counting compares pointers. Any thread may merge; one thread counts.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "proxy/exchange/exchange.h"

namespace tollgate::observe {

enum class Counter : uint8_t {
  kRequests,          // route, rule, plan, code, source
  kRefusals,          // reason
  kRequestBytes,      // -
  kResponseBytes,     // -
  kLimitDecisions,    // plan, limit, verdict
  kOutageDecisions,   // plan, rule
  kCreditsCharged,    // plan
  kCacheLookups,      // route, tier, result
  kUpstreamRequests,  // upstream (a Service), code
  kUpstreamRetries,   // -
  kTlsHandshakes,     // outcome
  kProxyHeaders,      // outcome
  kGrpcCalls,         // route, rule, status
  kLabelsDropped,     // -
  kCount,
};

enum class Store : uint8_t { kLimits, kCache };
inline constexpr size_t kStores = 2;

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
  bool empty() const { return counts == decltype(counts){}; }
  void Observe(double seconds);
  void Add(const Histogram& other);
};

// Counters of all cores by label values, added up.
struct Totals {
  std::map<std::pair<Counter, std::vector<std::string>>, uint64_t> counters;
  Histogram request_duration;
  Histogram gateway_duration;
  std::array<Histogram, kStores> store_duration;  // by Store
  int64_t connections = 0;
};

class CoreMetrics {
 public:
  static constexpr size_t kMaxLabels = 3;

  void Count(Counter counter, std::array<std::string_view, kMaxLabels> labels, uint64_t n = 1);
  // All that is known of a request when it has ended.
  void CountRequest(const exchange::Exchange& x, SteadyTime::duration took);
  // What a request waited for a shared store.
  void ObserveStore(Store store, SteadyTime::duration took);
  void ConnectionOpened();
  void ConnectionClosed();

  void MergeInto(Totals& totals) const;

 private:
  struct Key {
    Counter counter;
    uint8_t source;
    uint16_t code;
    std::array<const std::string*, kMaxLabels> labels;  // interned: equal texts are one
    bool operator==(const Key&) const = default;
  };
  struct Entry {
    Key key;
    uint64_t count;
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

  // As many counters are copied while the lock is held: less than a microsecond's work.
  static constexpr size_t kCopiedAtOnce = 64;

  const std::string* Intern(std::string_view value);
  void Add(const Key& key, uint64_t n);
  // Copies those from `first` on; how many there were.
  size_t CopyEntries(size_t first, std::array<Entry, kCopiedAtOnce>& copy) const;
  static std::vector<std::string> Render(const Key& key);

  mutable std::mutex mutex_;
  // All guarded by mutex_. A label never goes and never moves, so that a copied key can be read without it.
  std::unordered_set<std::string, TextHash, std::equal_to<>> labels_;
  std::vector<Entry> entries_;                       // never shrinks
  std::unordered_map<Key, size_t, KeyHash> places_;  // in entries_
  Histogram request_duration_;
  Histogram gateway_duration_;
  std::array<Histogram, kStores> store_duration_;
  int64_t connections_ = 0;
};

}  // namespace tollgate::observe
