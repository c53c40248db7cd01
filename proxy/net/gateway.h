// The data plane as a whole: cores, what they share, and the configuration that they serve. A proxy pod and
// `tollgatectl run` are this and a source of snapshots. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "api/snapshot.pb.h"
#include "proxy/cache/response_cache.h"
#include "proxy/forward/probe_thread.h"
#include "proxy/net/core.h"
#include "proxy/observe/access_log.h"
#include "proxy/observe/exposition.h"
#include "proxy/observe/span_exporter.h"
#include "proxy/pipeline/serving_state.h"
#include "proxy/resolve/resolver.h"
#include "proxy/store/memory_limit_store.h"
#include "proxy/store/redis/cache_node.h"
#include "proxy/store/redis/limit_node.h"
#include "proxy/takeover/listeners.h"

namespace tollgate::net {

struct GatewayOptions {
  io::Address http_address;
  unsigned threads = 1;
  std::string access_log = "-";
  size_t cache_bytes = size_t{64} << 20;
  std::optional<store::LimitNodeOptions> limits_store = std::nullopt;  // nothing: in memory
  std::optional<store::CacheNodeOptions> cache_store = std::nullopt;   // nothing: in memory alone
  std::optional<io::Address> https_address = std::nullopt;             // nothing: nobody is served over TLS
  pipeline::LoadLimits load = {};
  bool proxy_protocol = false;  // every connection of a caller begins with its header
  resolve::ResolverOptions names = {};
  unsigned trusted_hops = 0;  // proxies in front whose X-Forwarded-For is believed
  std::optional<observe::TraceOptions> traces = std::nullopt;  // nothing: traces are off
};

class Gateway {
 public:
  // Opens log and listeners; serves from Start on. Of what another process listens on it takes what fits its
  // options; the cores may be more or fewer than there. Fails with a sentence for the operator.
  static Result<std::unique_ptr<Gateway>> Open(const GatewayOptions& options, const WallClock& clock,
                                               takeover::Inheritance& inheritance);
  static Result<std::unique_ptr<Gateway>> Open(const GatewayOptions& options, const WallClock& clock);
  ~Gateway();

  // Serves this configuration from the next request on; refuses it, and keeps the one before, where it is not
  // whole and sound.
  Status<> Apply(const api::Snapshot& snapshot);

  // Waits for the first word of the shared stores. Start() does it, unless it has been done.
  void Prepare();
  void Start();
  // What another process would take over.
  std::vector<takeover::Listener> Listeners() const;
  // The steps of a drain (net/drain.h). Readiness off; every answer closes its connection.
  void BeginGrace();
  // No new connections but those that wait already.
  void StopAccepting();
  // No new connections; what is under way is finished.
  void Finish();
  bool finished() const;
  size_t OpenConnections() const;
  // The same for each core.
  std::vector<size_t> ConnectionsByCore() const;
  // What each core has, as it says itself; nothing of one that does not answer in time.
  std::vector<std::optional<ConnectionReport>> Connections(std::chrono::milliseconds patience) const;
  // How many have been served by another core than the one that accepted them.
  uint64_t moved_connections() const { return spread_.moved(); }
  // Cuts what is left.
  void Stop();

  // Has a configuration and is not draining.
  bool ready() const;
  const io::Address& http_address() const { return cores_.front()->local(); }
  // Nothing where nobody is served over TLS.
  std::optional<io::Address> https_address() const;
  // For the log and --port-file: "off" and no line for what is not there.
  std::string https_text() const;
  std::vector<std::pair<std::string, uint16_t>> ports() const;
  // The metrics of all cores, in Prometheus' text format.
  std::string Metrics() const;
  // How the shared stores are, for those who judge whether limits are enforced.
  std::vector<api::StoreHealth> Stores() const;
  // What serves now: nullptr until the first Apply.
  std::shared_ptr<const pipeline::ServingState> serving() const { return live_.Get(); }

 private:
  Gateway(const GatewayOptions& options, const WallClock& clock, std::unique_ptr<observe::AccessLog> log,
          std::unique_ptr<observe::SpanExporter> spans);
  std::vector<observe::Gauge> Gauges() const;
  Status<> Listen(const GatewayOptions& options, takeover::Inheritance& inheritance);
  Status<> ListenFor(Core::Kind kind, const io::Address& asked, std::vector<io::Descriptor> inherited);
  void AppendLoadGauges(std::vector<observe::Gauge>& gauges) const;
  void AppendCacheGauges(std::vector<observe::Gauge>& gauges) const;
  void KeepHouse(const std::stop_token& stop);

  const WallClock& clock_;
  pipeline::Books books_;
  pipeline::LiveState live_;
  forward::ProbeThread probes_;
  io::TlsServer tls_;
  cache::ResponseCache cache_;
  forward::PoolRoster pools_;
  pipeline::LoadGuard guard_;
  store::MemoryLimitStore limits_;
  const std::unique_ptr<store::LimitNode> limit_node_;  // nullptr: limits are counted in limits_
  const std::unique_ptr<store::CacheNode> cache_node_;  // nullptr: what is stored stands in cache_ alone
  const std::unique_ptr<observe::AccessLog> access_log_;
  const std::unique_ptr<observe::SpanExporter> spans_;  // nullptr: traces are off
  ConnectionSpread spread_;
  std::vector<std::unique_ptr<Core>> cores_;
  bool has_tls_ = false;
  bool prepared_ = false;
  std::atomic<bool> draining_{false};
  std::atomic<WallMicros> applied_at_{0};
  std::atomic<uint64_t> refused_snapshots_{0};
  std::jthread housekeeper_;  // last: uses all above
};

}  // namespace tollgate::net
