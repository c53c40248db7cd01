// One serving core: a thread, its loop, a listener and the connections that it accepted, which never leave
// it. Started, drained and stopped from outside; everything else happens on its thread.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "api/base/result.h"
#include "proxy/io/loop.h"
#include "proxy/io/tcp.h"
#include "proxy/net/session_list.h"
#include "proxy/pipeline/pipeline.h"

namespace tollgate::net {

class Core {
 public:
  Core(size_t number, const pipeline::Shared& shared, store::LimitStore& limits, uint64_t seed);
  ~Core();

  // Opens this core's listener; several cores share one address.
  Status<> Listen(const io::Address& on);
  const io::Address& local() const { return acceptor_->local(); }

  void Start();
  // Accepts no more; idle connections close, the others after the answer under way.
  void Drain();
  // Ends every connection and the thread.
  void Stop();

  // Any thread.
  size_t open_connections() const { return open_.load(std::memory_order_relaxed); }
  const observe::CoreMetrics& metrics() const { return pipeline_.metrics(); }

 private:
  io::Task<void> AcceptConnections();
  io::Task<void> ServeConnection(std::unique_ptr<io::Stream> stream);
  io::Task<void> SweepPools();

  io::Loop loop_;
  pipeline::Pipeline pipeline_;
  SessionList sessions_;
  std::unique_ptr<io::Acceptor> acceptor_;
  std::atomic<size_t> open_{0};
  std::thread thread_;
};

}  // namespace tollgate::net
