// Sends a permitted request to an endpoint and the answer back, both bodies streamed. One for a core; one
// thread.
#pragma once

#include <chrono>
#include <optional>

#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/exchange/path_rewrite.h"
#include "proxy/forward/answer_observer.h"
#include "proxy/forward/connection_pool.h"
#include "proxy/forward/mirror_sender.h"
#include "proxy/forward/probe_plan.h"
#include "proxy/forward/upstream_table.h"
#include "proxy/forward/upstream_tls.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

// The tables of one snapshot.
struct ForwardTables {
  ForwardTables(const snapshot::Catalog& catalog, EndpointBook& book)
      : upstreams(catalog, book),
        tls(catalog, book.tls()),
        probes(catalog, tls),
        mirrors(catalog, book.mirrored()),
        rewrites(catalog) {}
  const UpstreamTable upstreams;
  const UpstreamTlsTable tls;
  const ProbePlan probes;
  const MirrorTable mirrors;
  const exchange::PathRewrites rewrites;
};

class Forwarder {
 public:
  // A caller that has ended its side of the connection may wait for its answer (`nc -N`) or have gone, which
  // TCP does not tell apart: so long the upstream's answer is waited for then.
  static constexpr std::chrono::milliseconds kDoneCallerTimeout{5'000};

  Forwarder(io::Loop& loop, PoolRoster& pools, uint64_t seed,
            std::chrono::milliseconds done_caller = kDoneCallerTimeout)
      : loop_(loop),
        done_caller_(done_caller),
        pool_(loop, pools),
        mirrors_(loop, pool_),
        random_state_(seed | 1) {}

  // Done: an answer was sent, or begun and aborted (the exchange says so). An Error: nothing was sent.
  io::Task<exchange::Outcome<Done>> Forward(exchange::Exchange& x, const ForwardTables& tables,
                                            AnswerObserver& observer);

  ConnectionPool& pool() { return pool_; }

 private:
  uint64_t Random();
  bool Takes(const Mirror& mirror);

  io::Loop& loop_;
  const std::chrono::milliseconds done_caller_;
  ConnectionPool pool_;
  MirrorSender mirrors_;
  uint64_t random_state_;
  std::optional<LiveNamedTable::Reader> names_;  // since a name was needed first
};

}  // namespace tollgate::forward
