#include "proxy/observe/core_metrics.h"

#include <algorithm>
#include <span>

namespace tollgate::observe {
namespace {

// Labels that every core has.
const std::string* Other() {
  static const auto& other = *new std::string("other");
  return &other;
}
const std::string* Empty() {
  static const auto& empty = *new std::string();
  return &empty;
}

constexpr std::array<std::string_view, 3> kSources = {"gateway", "upstream", "cache"};

double Seconds(SteadyTime::duration duration) { return std::chrono::duration<double>(duration).count(); }

bool HasCode(Counter counter) {
  return counter == Counter::kRequests || counter == Counter::kUpstreamRequests;
}

}  // namespace

const std::vector<CounterRow>& CounterRows() {
  static const auto& rows = *new std::vector<CounterRow>{
      {Counter::kRequests,
       "proxy_requests_total",
       "Requests answered, by who made the answer.",
       {"route", "rule", "plan", "code", "source"}},
      {Counter::kRefusals,
       "proxy_refusals_total",
       "Requests that the gateway answered itself with a problem.",
       {"reason"}},
      {Counter::kRequestBytes, "proxy_request_bytes_total", "Bytes of request bodies received.", {}},
      {Counter::kResponseBytes, "proxy_response_bytes_total", "Bytes of answers' bodies sent.", {}},
      {Counter::kLimitDecisions,
       "limit_decisions_total",
       "Decisions about limits and credits.",
       {"plan", "limit", "verdict"}},
      {Counter::kOutageDecisions,
       "limit_outage_decisions_total",
       "Decisions made while the store of limits was away, by the rule of the plan (local, open, closed).",
       {"plan", "rule"}},
      {Counter::kCreditsCharged, "credits_charged_total", "Credits charged to callers.", {"plan"}},
      {Counter::kCacheLookups,
       "cache_lookups_total",
       "Look-ups in the response cache.",
       {"route", "tier", "result"}},
      {Counter::kUpstreamRequests,
       "upstream_requests_total",
       "Requests that an upstream answered, or failed to (with the code that the caller got), by its "
       "Service.",
       {"upstream", "code"}},
      {Counter::kUpstreamRetries, "upstream_retries_total", "Further tries after a first one failed.", {}},
      {Counter::kTlsHandshakes,
       "proxy_tls_handshakes_total",
       "TLS handshakes of callers, by how they ended (done, name_refused, caller_refused, timeout, failed).",
       {"outcome"}},
      {Counter::kProxyHeaders,
       "proxy_protocol_headers_total",
       "Headers of the PROXY protocol that connections began with, by how they were read (done, malformed, "
       "timeout, closed). All but done are closed.",
       {"outcome"}},
      {Counter::kGrpcCalls,
       "proxy_grpc_calls_total",
       "Calls of gRPC that ended with a status, the upstream's or the gateway's, by its number.",
       {"route", "rule", "status"}},
      {Counter::kLabelsDropped,
       "metrics_labels_dropped_total",
       "Label values counted under \"other\" because there were too many.",
       {}},
  };
  return rows;
}

void Histogram::Observe(double seconds) {
  const auto bucket = std::lower_bound(kBuckets.begin(), kBuckets.end(), seconds);
  ++counts[static_cast<size_t>(bucket - kBuckets.begin())];
  sum += seconds;
}

void Histogram::Add(const Histogram& other) {
  for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

size_t CoreMetrics::KeyHash::operator()(const Key& key) const {
  uint64_t hash =
      static_cast<uint64_t>(key.counter) << 24 | static_cast<uint64_t>(key.source) << 16 | key.code;
  for (const std::string* label : key.labels) {
    hash = (hash ^ reinterpret_cast<uintptr_t>(label)) * 0x9E3779B97F4A7C15ULL;
  }
  return hash ^ hash >> 32;
}

const std::string* CoreMetrics::Intern(std::string_view value) {
  if (value.empty()) return Empty();
  if (value == *Other()) return Other();
  if (const auto known = labels_.find(value); known != labels_.end()) return &*known;
  if (labels_.size() >= kMaxLabelValues) {
    Add({Counter::kLabelsDropped, 0, 0, {Empty(), Empty(), Empty()}}, 1);
    return Other();
  }
  return &*labels_.emplace(value).first;
}

void CoreMetrics::Add(const Key& key, uint64_t n) {
  const auto [place, is_new] = places_.try_emplace(key, entries_.size());
  if (is_new) entries_.push_back({key, 0});
  entries_[place->second].count += n;
}

void CoreMetrics::Count(Counter counter, std::array<std::string_view, kMaxLabels> labels, uint64_t n) {
  const std::scoped_lock lock(mutex_);
  Add({counter, 0, 0, {Intern(labels[0]), Intern(labels[1]), Intern(labels[2])}}, n);
}

void CoreMetrics::CountRequest(const exchange::Exchange& x, SteadyTime::duration took) {
  const std::scoped_lock lock(mutex_);
  const std::string* route = Intern(x.route);
  const std::string* rule = Intern(x.rule);
  const std::string* plan = x.identity.plan != nullptr ? Intern(x.identity.plan->name) : Empty();
  const auto code = static_cast<uint16_t>(x.status);
  const auto source = static_cast<uint8_t>(x.source);
  Add({Counter::kRequests, source, code, {route, rule, plan}}, 1);
  const Key none{Counter::kRequestBytes, 0, 0, {Empty(), Empty(), Empty()}};
  if (const uint64_t n = x.downstream.bytes_received(); n > 0) Add(none, n);
  Key sent = none;
  sent.counter = Counter::kResponseBytes;
  if (const uint64_t n = x.downstream.bytes_sent(); n > 0) Add(sent, n);
  if (!x.problem.empty()) Add({Counter::kRefusals, 0, 0, {Intern(x.problem), Empty(), Empty()}}, 1);
  if (x.charged > 0) Add({Counter::kCreditsCharged, 0, 0, {plan, Empty(), Empty()}}, x.charged);
  const bool failed = x.attempts > 0 && x.problem.starts_with("upstream-");
  if (failed || x.source == exchange::Source::kUpstream) {
    Add({Counter::kUpstreamRequests, 0, code, {Intern(x.upstream), Empty(), Empty()}}, 1);
  }
  Key retries = none;
  retries.counter = Counter::kUpstreamRetries;
  if (x.attempts > 1) Add(retries, x.attempts - 1);
  if (x.grpc.status >= 0) {
    // There are 17; others are what an upstream made up.
    const std::string status = x.grpc.status <= 16 ? std::to_string(x.grpc.status) : "other";
    Add({Counter::kGrpcCalls, 0, 0, {route, rule, Intern(status)}}, 1);
  }
  request_duration_.Observe(Seconds(took));
  // Nothing was answered to a caller who had gone.
  const SteadyTime::duration until_head = x.answered == SteadyTime() ? took : x.answered - x.started;
  gateway_duration_.Observe(Seconds(until_head - x.upstream_time));
}

void CoreMetrics::ObserveStore(Store store, SteadyTime::duration took) {
  const std::scoped_lock lock(mutex_);
  store_duration_[static_cast<size_t>(store)].Observe(Seconds(took));
}

void CoreMetrics::ConnectionOpened() {
  const std::scoped_lock lock(mutex_);
  ++connections_;
}

void CoreMetrics::ConnectionClosed() {
  const std::scoped_lock lock(mutex_);
  --connections_;
}

std::vector<std::string> CoreMetrics::Render(const Key& key) {
  const size_t wanted = CounterRows()[static_cast<size_t>(key.counter)].labels.size();
  std::vector<std::string> values;
  for (const std::string* label : key.labels) values.push_back(*label);
  if (HasCode(key.counter)) {
    values.resize(key.counter == Counter::kRequests ? 3 : 1);
    values.push_back(std::to_string(key.code));
  }
  if (key.counter == Counter::kRequests) values.emplace_back(kSources[key.source]);
  values.resize(wanted);
  return values;
}

size_t CoreMetrics::CopyEntries(size_t first, std::array<Entry, kCopiedAtOnce>& copy) const {
  const std::scoped_lock lock(mutex_);
  const size_t n = std::min(copy.size(), entries_.size() - first);
  std::copy_n(entries_.begin() + static_cast<ptrdiff_t>(first), n, copy.begin());
  return n;
}

void CoreMetrics::MergeInto(Totals& totals) const {
  {
    const std::scoped_lock lock(mutex_);
    totals.request_duration.Add(request_duration_);
    totals.gateway_duration.Add(gateway_duration_);
    for (size_t i = 0; i < kStores; ++i) totals.store_duration[i].Add(store_duration_[i]);
    totals.connections += connections_;
  }
  std::array<Entry, kCopiedAtOnce> copy;
  size_t first = 0;
  while (const size_t n = CopyEntries(first, copy)) {
    for (const Entry& entry : std::span(copy).first(n)) {
      totals.counters[{entry.key.counter, Render(entry.key)}] += entry.count;
    }
    first += n;
  }
}

}  // namespace tollgate::observe
