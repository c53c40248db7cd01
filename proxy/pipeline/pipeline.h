// A request's way through the stages, in the order of the API ("Order"). One for a core; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/cache/response_cache.h"
#include "proxy/cache/shared_tier.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/forward/forwarder.h"
#include "proxy/limit/limiter.h"
#include "proxy/observe/access_log.h"
#include "proxy/observe/core_metrics.h"
#include "proxy/observe/span_exporter.h"
#include "proxy/pipeline/answer_writer.h"
#include "proxy/pipeline/load_guard.h"
#include "proxy/pipeline/request_id.h"
#include "proxy/pipeline/serving_state.h"
#include "proxy/pipeline/tracing.h"

namespace tollgate::pipeline {

// What all cores share; outlives them.
struct Shared {
  LiveState& live;
  cache::ResponseCache& cache;
  forward::PoolRoster& pools;
  observe::AccessLog& access_log;
  const WallClock& clock;
  unsigned trusted_hops;                   // proxies in front whose word on their caller counts
  LoadGuard* guard = nullptr;              // nullptr: whatever comes is taken on
  observe::SpanExporter* spans = nullptr;  // nullptr: traces are off
};

class Pipeline {
 public:
  // `shared_cache` is nullptr where the cache is in memory alone.
  Pipeline(io::Loop& loop, size_t core, const Shared& shared, store::LimitStore& limits,
           store::CacheStore* shared_cache, uint64_t seed);

  // Answers the request: by its upstream, from the cache, or with a problem. Every request reaches the log.
  io::Task<void> Serve(exchange::Exchange& x);

  // Answers what could not be read as a request.
  io::Task<void> Refuse(exchange::Exchange& x, const exchange::Error& error);

  observe::CoreMetrics& metrics() { return metrics_; }
  const observe::CoreMetrics& metrics() const { return metrics_; }
  forward::Forwarder& forwarder() { return forwarder_; }
  // Before it serves: where HTTPS listens; 0: nowhere.
  void SetHttpsPort(uint16_t port) { writer_.SetHttpsPort(port); }
  const WallClock& clock() const { return shared_.clock; }

 private:
  io::Task<exchange::Outcome<Done>> Answer(exchange::Exchange& x, const ServingState& state);
  io::Task<exchange::Outcome<Done>> AnswerPreflight(exchange::Exchange& x, const ServingState& state);
  io::Task<exchange::Outcome<Done>> AnswerThroughCache(exchange::Exchange& x, const ServingState& state,
                                                       const exchange::Permitted& permitted);
  io::Task<exchange::Outcome<Done>> AnswerFromUpstream(exchange::Exchange& x, const ServingState& state,
                                                       const cache::CacheRequest& request,
                                                       const cache::Lookup& lookup);
  io::Task<exchange::Outcome<Done>> AnswerByRule(exchange::Exchange& x, const ServingState& state);
  void Begin(exchange::Exchange& x);
  void End(const exchange::Exchange& x, Tracing& tracing, std::string_view version);

  const size_t core_;
  const Shared shared_;
  LiveState::Reader live_;
  limit::Limiter limiter_;
  std::optional<cache::SharedTier> shared_tier_;
  forward::Forwarder forwarder_;
  observe::CoreMetrics metrics_;
  RequestIds request_ids_;
  AnswerWriter writer_;
};

}  // namespace tollgate::pipeline
