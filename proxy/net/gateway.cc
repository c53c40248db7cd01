#include "proxy/net/gateway.h"

#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "api/base/version.h"

namespace tollgate::net {
namespace {

uint64_t RandomSeed() {
  std::random_device random;
  return static_cast<uint64_t>(random()) << 32 | random();
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::Open(const GatewayOptions& options, const WallClock& clock) {
  auto log = observe::AccessLog::Open(options.access_log, options.threads);
  if (!log.ok()) return log.error();
  std::unique_ptr<Gateway> gateway(new Gateway(options, clock, std::move(*log)));
  io::Address address = options.http_address;
  if (const Status<> free = io::Acceptor::CheckFree(address); !free.ok()) return free.error();
  for (const std::unique_ptr<Core>& core : gateway->cores_) {
    if (const Status<> listening = core->Listen(address); !listening.ok()) return listening.error();
    address = core->local();  // port 0: the others take the port that the first one got
  }
  return gateway;
}

Gateway::Gateway(const GatewayOptions& options, const WallClock& clock,
                 std::unique_ptr<observe::AccessLog> log)
    : clock_(clock),
      cache_({.capacity_bytes = options.cache_bytes}),
      limits_(clock, RandomSeed()),
      access_log_(std::move(log)) {
  const pipeline::Shared shared{live_, cache_, *access_log_, clock};
  for (unsigned i = 0; i < options.threads; ++i) {
    cores_.push_back(std::make_unique<Core>(i, shared, limits_, RandomSeed()));
  }
}

Gateway::~Gateway() {
  for (const std::unique_ptr<Core>& core : cores_) core->Stop();
}

Status<> Gateway::Apply(const api::Snapshot& snapshot) {
  auto state = pipeline::BuildServingState(snapshot, endpoints_);
  if (!state.ok()) {
    refused_snapshots_.fetch_add(1);
    return state.error();
  }
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
    limits_.Sweep();
    live_.Reap();
    wake.wait_for(lock, stop, kPause, [] { return false; });
  }
}

void Gateway::Start() {
  housekeeper_ = std::jthread([this](const std::stop_token& stop) { KeepHouse(stop); });
  for (const std::unique_ptr<Core>& core : cores_) core->Start();
}

size_t Gateway::OpenConnections() const {
  size_t open = 0;
  for (const std::unique_ptr<Core>& core : cores_) open += core->open_connections();
  return open;
}

size_t Gateway::Drain(std::chrono::milliseconds limit) {
  draining_ = true;
  for (const std::unique_ptr<Core>& core : cores_) core->Drain();
  const SteadyTime deadline = SteadyNow() + limit;
  while (OpenConnections() > 0 && SteadyNow() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const size_t cut = OpenConnections();
  for (const std::unique_ptr<Core>& core : cores_) core->Stop();
  return cut;
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
  const std::shared_ptr<const pipeline::ServingState> state = live_.Get();
  if (state == nullptr) return gauges;
  gauges.push_back(
      {"snapshot_version_info", "The configuration that serves.", {{"version", state->version}}, 1});
  gauges.push_back({"snapshot_age_seconds",
                    "Time since the configuration that serves was taken over.",
                    {},
                    static_cast<double>(clock_.Now() - applied_at_) / 1e6});
  gauges.push_back({"upstream_endpoints",
                    "Endpoints that the configuration knows.",
                    {{"state", "ready"}},
                    static_cast<double>(state->forwarding.upstreams.ready_count())});
  return gauges;
}

std::string Gateway::Metrics() const {
  observe::Totals totals;
  for (const std::unique_ptr<Core>& core : cores_) core->metrics().MergeInto(totals);
  return observe::ExposeMetrics(totals, Gauges());
}

}  // namespace tollgate::net
