// One serving core: a thread, its loop, its listeners and the connections that it serves, which never leave
// it: where it holds far more than others, it passes a new one on before anything is read of it. Started,
// drained and stopped from outside; everything else happens on its thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "api/base/result.h"
#include "proxy/io/loop.h"
#include "proxy/io/tcp.h"
#include "proxy/io/tls.h"
#include "proxy/net/connection_report.h"
#include "proxy/net/connection_spread.h"
#include "proxy/net/live_names.h"
#include "proxy/net/session_list.h"
#include "proxy/pipeline/pipeline.h"
#include "proxy/store/cache_store.h"
#include "proxy/store/redis/cache_node.h"
#include "proxy/store/redis/limit_node.h"

namespace tollgate::net {

// What limits and stored answers are shared through; nullptr: this process is alone with them.
struct SharedStores {
  store::LimitNode* limits;
  store::CacheNode* cache;
};

class Core;

// All cores, by their numbers; they are all there before one starts.
struct CoreSet {
  ConnectionSpread& spread;
  const std::vector<std::unique_ptr<Core>>& cores;
};

class Core {
 public:
  // Limits that are not shared are counted by `memory`.
  Core(size_t number, const CoreSet& set, const pipeline::Shared& shared, store::LimitStore& memory,
       const SharedStores& stores, io::TlsServer& tls, uint64_t seed);
  ~Core();

  enum class Kind { kPlain, kTls };

  // Open this core's listeners, of which it has at least a plain one; several cores share one address.
  // Callers wait there from now on, or with Reserve from Start() on. Adopt: one that listens already.
  Status<> Listen(Kind kind, const io::Address& on);
  Status<> Reserve(Kind kind, const io::Address& on);
  Status<> Adopt(Kind kind, io::Descriptor listening);
  const io::Address& local() const { return acceptors_.front()->local(); }
  const io::Address& tls_local() const { return tls_acceptors_.front()->local(); }
  // The sockets of a kind; they stay this core's.
  std::vector<int> sockets(Kind kind) const;

  // Before it serves: every connection begins with a header of the PROXY protocol, or is closed.
  void ExpectProxyProtocol() { proxy_protocol_ = true; }

  void Start();
  // The steps of a drain. From the first on every answer closes its connection, and new ones are still
  // served; from the second on none is accepted but those that wait in the listener's queue, which closing it
  // would reset; from the third on, which includes the second, idle connections close, the others after the
  // answer under way.
  void BeginGrace();
  void StopAccepting();
  void Finish();
  // Cuts every connection and ends the thread.
  void Stop();

  // Any thread.
  size_t open_connections() const { return set_.spread.open(number_); }
  // After StopAccepting(): whether its last connection has been counted, here or at the core that serves it.
  bool accepts_none() const { return accepting_.load(std::memory_order_acquire) == 0; }
  // Has `tell` called on this core's thread, soon.
  void Ask(std::function<void(ConnectionReport)> tell);
  const observe::CoreMetrics& metrics() const { return pipeline_.metrics(); }

 private:
  using Acceptors = std::vector<std::unique_ptr<io::Acceptor>>;

  Status<> Add(Kind kind, Result<std::unique_ptr<io::Acceptor>> acceptor);
  io::Task<void> AcceptConnections(io::Acceptor& acceptor, Kind kind);
  void Place(io::Accepted accepted, Kind kind);
  void Begin(io::Accepted accepted, Kind kind);
  io::Task<void> ServeConnection(std::unique_ptr<io::Stream> stream, Kind kind);
  io::Task<bool> AwaitIntroduction(io::Stream& stream);
  io::Task<void> Serve(std::unique_ptr<io::Stream> stream, exchange::Transport transport);
  io::Task<void> ServeHttp2(std::unique_ptr<io::Stream> stream, exchange::Transport transport,
                            std::string begun);
  io::Task<void> ServeTls(std::unique_ptr<io::Stream> stream);
  io::Task<void> SweepPools();
  io::Task<void> LookAtCallers();

  const size_t number_;
  const CoreSet set_;
  io::Loop loop_;
  const std::unique_ptr<store::LimitStore> shared_limits_;  // nullptr: the process's own serve
  const std::unique_ptr<store::CacheStore> shared_cache_;   // nullptr: the cache is in memory alone
  pipeline::Pipeline pipeline_;
  io::TlsServer& tls_;
  LiveNames names_;
  SessionList sessions_;
  Acceptors acceptors_;               // several where a process with more cores was taken over from
  Acceptors tls_acceptors_;           // none: nobody is served over TLS
  pipeline::LoadGuard* const guard_;  // nullptr: every connection is taken on
  bool proxy_protocol_ = false;
  std::atomic<int> accepting_{0};  // listeners
  std::thread thread_;
};

}  // namespace tollgate::net
