#include "proxy/net/gateway.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>

#include "api/base/version.h"
#include "proxy/forward/name_book.h"
#include "proxy/net/mirror_gauges.h"
#include "proxy/net/name_gauges.h"

namespace tollgate::net {
namespace {

uint64_t RandomSeed() {
  std::random_device random;
  return static_cast<uint64_t>(random()) << 32 | random();
}

// A name server answers sooner, or not at all.
constexpr std::chrono::milliseconds kFirstLookupLimit{1'000};

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::Open(const GatewayOptions& options, const WallClock& clock,
                                               takeover::Inheritance& inheritance) {
  auto log = observe::AccessLog::Open(options.access_log, options.threads);
  if (!log.ok()) return log.error();
  std::unique_ptr<observe::SpanExporter> spans;
  if (options.traces) {
    auto started = observe::SpanExporter::Start(*options.traces, options.threads);
    if (!started.ok()) return started.error();
    spans = std::move(*started);
  }
  std::unique_ptr<Gateway> gateway(new Gateway(options, clock, std::move(*log), std::move(spans)));
  const Status<> listening = gateway->Listen(options, inheritance);
  if (!listening.ok()) return listening.error();
  return gateway;
}

Result<std::unique_ptr<Gateway>> Gateway::Open(const GatewayOptions& options, const WallClock& clock) {
  takeover::Inheritance nothing;
  return Open(options, clock, nothing);
}

Status<> Gateway::Listen(const GatewayOptions& options, takeover::Inheritance& inheritance) {
  const io::Address& http = options.http_address;
  const Status<> plain = ListenFor(Core::Kind::kPlain, http, inheritance.Take(takeover::kHttp, http));
  if (!plain.ok() || !options.https_address) return plain;
  const io::Address& https = *options.https_address;
  has_tls_ = true;
  return ListenFor(Core::Kind::kTls, https, inheritance.Take(takeover::kHttps, https));
}

// Each that is inherited gets a core, the first ones two where there are fewer cores: what nobody accepts
// from would let its callers wait for ever. Cores beyond them open their own, at Start(): until then the
// process before serves, and what waited there would be lost with this process.
Status<> Gateway::ListenFor(Core::Kind kind, const io::Address& asked,
                            std::vector<io::Descriptor> inherited) {
  const Status<> free = inherited.empty() ? io::Acceptor::CheckFree(asked) : Done{};
  if (!free.ok()) return free;
  io::Address address = inherited.empty() ? asked : io::LocalAddress(inherited.front().get());
  const bool later = !inherited.empty();
  for (size_t i = 0; i < std::max(inherited.size(), cores_.size()); ++i) {
    Core& core = *cores_[i % cores_.size()];
    const Status<> listening = i < inherited.size() ? core.Adopt(kind, std::move(inherited[i]))
                               : later              ? core.Reserve(kind, address)
                                                    : core.Listen(kind, address);
    if (!listening.ok()) return listening;
    // Port 0: the others take the port that the first one got.
    address = kind == Core::Kind::kTls ? core.tls_local() : core.local();
  }
  return Done{};
}

std::vector<takeover::Listener> Gateway::Listeners() const {
  std::vector<takeover::Listener> listeners;
  for (unsigned core = 0; core < cores_.size(); ++core) {
    for (const int socket : cores_[core]->sockets(Core::Kind::kPlain)) {
      listeners.push_back(takeover::Duplicate(takeover::kHttp, core, socket));
    }
    for (const int socket : cores_[core]->sockets(Core::Kind::kTls)) {
      listeners.push_back(takeover::Duplicate(takeover::kHttps, core, socket));
    }
  }
  return listeners;
}

std::optional<io::Address> Gateway::https_address() const {
  if (!has_tls_) return std::nullopt;
  return cores_.front()->tls_local();
}

std::string Gateway::https_text() const { return has_tls_ ? https_address()->ToString() : "off"; }

std::vector<std::pair<std::string, uint16_t>> Gateway::ports() const {
  std::vector<std::pair<std::string, uint16_t>> ports = {{"http", http_address().port()}};
  if (has_tls_) ports.emplace_back("https", https_address()->port());
  return ports;
}

Gateway::Gateway(const GatewayOptions& options, const WallClock& clock,
                 std::unique_ptr<observe::AccessLog> log, std::unique_ptr<observe::SpanExporter> spans)
    : clock_(clock),
      probes_(RandomSeed()),
      cache_({.capacity_bytes = options.cache_bytes}),
      guard_(options.load),
      limits_(clock, RandomSeed()),
      limit_node_(options.limits_store
                      ? std::make_unique<store::LimitNode>(*options.limits_store, clock, RandomSeed())
                      : nullptr),
      cache_node_(options.cache_store ? std::make_unique<store::CacheNode>(*options.cache_store) : nullptr),
      access_log_(std::move(log)),
      spans_(std::move(spans)),
      spread_(options.threads) {
  books_.endpoints.names().Configure(options.names);
  const pipeline::Shared shared{live_,   cache_,      pools_, *access_log_, clock, options.trusted_hops,
                                &guard_, spans_.get()};
  const SharedStores stores{limit_node_.get(), cache_node_.get()};
  for (unsigned i = 0; i < options.threads; ++i) {
    cores_.push_back(
        std::make_unique<Core>(i, CoreSet{spread_, cores_}, shared, limits_, stores, tls_, RandomSeed()));
    if (options.proxy_protocol) cores_.back()->ExpectProxyProtocol();
  }
}

Gateway::~Gateway() { Stop(); }

Status<> Gateway::Apply(const api::Snapshot& snapshot) {
  auto state = pipeline::BuildServingState(snapshot, books_, clock_.Now() / 1'000'000);
  if (!state.ok()) {
    refused_snapshots_.fetch_add(1);
    return state.error();
  }
  if (limit_node_ != nullptr) limit_node_->outage().SetProxies((*state)->catalog->proxies());
  // The first requests to a new host would else get 503. What is served meanwhile is what was before.
  books_.endpoints.names().AwaitFirst(kFirstLookupLimit);
  probes_.Follow({*state, &(*state)->forwarding});
  live_.Swap(std::move(*state));
  applied_at_ = clock_.Now();
  return Done{};
}

// What nobody should wait for: records of limits that have aged out, configurations that no request uses.
void Gateway::KeepHouse(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kPause{100};
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    guard_.LookAtMemory();
    limits_.Sweep();
    if (limit_node_ != nullptr) limit_node_->outage().Sweep(clock_.Now());
    live_.Reap();
    books_.endpoints.names().Forget();
    wake.wait_for(lock, stop, kPause, [] { return false; });
  }
}

void Gateway::Prepare() {
  if (std::exchange(prepared_, true)) return;
  // The first requests would else be decided as in an outage.
  if (limit_node_ != nullptr) limit_node_->node().AwaitFirstVerdict(std::chrono::seconds(1));
  // Theirs would be misses, which is no reason to let them wait for long.
  if (cache_node_ != nullptr) cache_node_->node().AwaitFirstVerdict(std::chrono::milliseconds(250));
}

void Gateway::Start() {
  Prepare();
  housekeeper_ = std::jthread([this](const std::stop_token& stop) { KeepHouse(stop); });
  for (const std::unique_ptr<Core>& core : cores_) core->Start();
}

std::vector<size_t> Gateway::ConnectionsByCore() const {
  std::vector<size_t> open;
  for (const std::unique_ptr<Core>& core : cores_) open.push_back(core->open_connections());
  return open;
}

std::vector<std::optional<ConnectionReport>> Gateway::Connections(std::chrono::milliseconds patience) const {
  // Lives as long as the last core that answers, however late.
  struct Round {
    explicit Round(size_t cores) : reports(cores), open(cores) {}
    std::mutex mutex;
    std::condition_variable all;
    std::vector<std::optional<ConnectionReport>> reports;  // guarded by mutex
    size_t open;                                           // guarded by mutex
  };
  const auto round = std::make_shared<Round>(cores_.size());
  for (size_t i = 0; i < cores_.size(); ++i) {
    cores_[i]->Ask([round, i](ConnectionReport report) {
      const std::scoped_lock lock(round->mutex);
      round->reports[i] = std::move(report);
      if (--round->open == 0) round->all.notify_all();
    });
  }
  std::unique_lock lock(round->mutex);
  round->all.wait_for(lock, patience, [&round] { return round->open == 0; });
  return round->reports;
}

size_t Gateway::OpenConnections() const {
  const std::vector<size_t> open = ConnectionsByCore();
  return std::accumulate(open.begin(), open.end(), size_t{0});
}

void Gateway::BeginGrace() {
  draining_ = true;
  for (const std::unique_ptr<Core>& core : cores_) core->BeginGrace();
}

void Gateway::StopAccepting() {
  for (const std::unique_ptr<Core>& core : cores_) core->StopAccepting();
}

void Gateway::Finish() {
  draining_ = true;
  for (const std::unique_ptr<Core>& core : cores_) core->Finish();
}

// In this order: a core that accepts may still pass one on to another that has none.
bool Gateway::finished() const {
  const bool accepts_none =
      std::all_of(cores_.begin(), cores_.end(), [](const auto& core) { return core->accepts_none(); });
  return accepts_none && OpenConnections() == 0;
}

void Gateway::Stop() {
  for (const std::unique_ptr<Core>& core : cores_) core->Stop();
}

bool Gateway::ready() const { return !draining_ && live_.Get() != nullptr; }

std::vector<observe::Gauge> Gateway::Gauges() const {
  std::vector<observe::Gauge> gauges = {
      {"build_info", "The release that runs.", {{"version", kVersion}}, 1},
      {"cache_bytes",
       "Memory that stored answers take.",
       {{"tier", "memory"}},
       static_cast<double>(cache_.bytes())},
      {"access_log_lines_dropped_total",
       "Access log lines lost because the log could not be written fast enough.",
       {},
       static_cast<double>(access_log_->dropped())},
      {"snapshot_refused_total",
       "Configurations that were refused.",
       {},
       static_cast<double>(refused_snapshots_.load())}};
  if (limit_node_ != nullptr) {
    gauges.push_back({"store_circuit_open",
                      "Whether a shared store is not used, since it is away or too slow.",
                      {{"store", "limits"}},
                      limit_node_->node().open() ? 1.0 : 0.0});
  }
  AppendLoadGauges(gauges);
  AppendMirrorGauges(books_.endpoints.mirrored(), gauges);
  AppendNameGauges(books_.endpoints.names().tally(), gauges);
  observe::AppendSpanGauges(spans_.get(), gauges);
  if (cache_node_ != nullptr) AppendCacheGauges(gauges);
  const std::shared_ptr<const pipeline::ServingState> state = live_.Get();
  if (state == nullptr) return gauges;
  gauges.push_back(
      {"snapshot_version_info", "The configuration that serves.", {{"version", state->version}}, 1});
  gauges.push_back({"snapshot_age_seconds",
                    "Time since the configuration that serves was taken over.",
                    {},
                    static_cast<double>(clock_.Now() - applied_at_) / 1e6});
  const forward::EndpointTally tally = state->forwarding.upstreams.Tally(SteadyNow());
  const auto endpoints = [&gauges](const char* name, size_t count) {
    gauges.push_back(
        {"upstream_endpoints",
         "Endpoints that the configuration knows: ready, ejected (ready, but not asked for a while, "
         "since requests to them failed), unhealthy (ready, but not asked, since they do not answer their "
         "probes), or terminating.",
         {{"state", name}},
         static_cast<double>(count)});
  };
  endpoints("ready", tally.ready);
  endpoints("ejected", tally.ejected);
  endpoints("unhealthy", tally.unhealthy);
  endpoints("terminating", tally.terminating);
  for (const snapshot::CertificateEntry& certificate : state->catalog->certificates()) {
    gauges.push_back({"certificate_expiry_timestamp_seconds",
                      "When a certificate that hosts are proved with expires, by its Secret.",
                      {{"secret", certificate.name}},
                      static_cast<double>(certificate.spec.expires())});
  }
  return gauges;
}

void Gateway::AppendLoadGauges(std::vector<observe::Gauge>& gauges) const {
  gauges.push_back({"proxy_requests_active",
                    "Requests at work, streams and WebSockets included.",
                    {},
                    static_cast<double>(guard_.requests())});
  gauges.push_back(
      {"proxy_connections_refused_total",
       "Connections of callers that were closed when they came, since there were as many as may be.",
       {},
       static_cast<double>(guard_.refused_connections())});
  gauges.push_back({"proxy_resident_bytes",
                    "Memory that the process takes.",
                    {},
                    static_cast<double>(guard_.memory_bytes())});
}

void Gateway::AppendCacheGauges(std::vector<observe::Gauge>& gauges) const {
  gauges.push_back({"store_circuit_open",
                    "Whether a shared store is not used, since it is away or too slow.",
                    {{"store", "cache"}},
                    cache_node_->node().open() ? 1.0 : 0.0});
  const store::CacheTally& tally = cache_node_->tally();
  const auto writes = [&gauges](const char* result, const std::atomic<uint64_t>& count) {
    gauges.push_back({"cache_writes_total",
                      "Values for the shared cache: stored, dropped (too many at once, or no connection), or "
                      "refused by the store.",
                      {{"tier", "shared"}, {"result", result}},
                      static_cast<double>(count.load(std::memory_order_relaxed))});
  };
  writes("stored", tally.stored);
  writes("dropped", tally.dropped);
  writes("refused", tally.refused);
  gauges.push_back({"cache_unforgotten_total",
                    "Targets changed by unsafe requests that the shared cache was never told to forget.",
                    {},
                    static_cast<double>(tally.unforgotten.load(std::memory_order_relaxed))});
}

std::vector<api::StoreHealth> Gateway::Stores() const {
  std::vector<api::StoreHealth> stores(2);
  stores[0].set_store("limits");
  stores[0].set_configured(limit_node_ != nullptr);
  stores[1].set_store("cache");
  stores[1].set_configured(cache_node_ != nullptr);
  const std::array<const store::RedisNode*, 2> nodes = {
      limit_node_ == nullptr ? nullptr : &limit_node_->node(),
      cache_node_ == nullptr ? nullptr : &cache_node_->node()};
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] == nullptr) continue;
    stores[i].set_reachable(!nodes[i]->open());
    stores[i].set_reason(nodes[i]->trouble());
  }
  if (limit_node_ != nullptr) stores[0].set_evicting(limit_node_->evicts());
  return stores;
}

std::string Gateway::Metrics() const {
  observe::Totals totals;
  for (const std::unique_ptr<Core>& core : cores_) core->metrics().MergeInto(totals);
  return observe::ExposeMetrics(totals, Gauges());
}

}  // namespace tollgate::net
