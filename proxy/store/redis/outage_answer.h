// How a request is answered without the store, by its plan's whenStoreIsDown. Local: this proxy enforces its
// share of each limit, from what it knew last; Open: admits; Closed: does not. One for a process; any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "api/base/clock.h"
#include "proxy/store/limit_store.h"
#include "proxy/store/memory_limit_store.h"
#include "proxy/store/redis/known_credits.h"

namespace tollgate::store {

class OutageAnswer {
 public:
  OutageAnswer(const WallClock& clock, uint64_t seed) : local_(clock, seed), known_(seed) {}

  // Among how many proxies a limit is shared; at least 1.
  void SetProxies(uint32_t proxies) { proxies_.store(proxies, std::memory_order_relaxed); }

  // `outage` tells this outage from others, whose credits the store has heard of since.
  void Answer(const LimitRequest& request, uint64_t outage, LimitReply& reply);

  KnownCredits& known() { return known_; }
  void Sweep(WallMicros now);

 private:
  void AnswerLocally(const LimitRequest& request, uint64_t outage, LimitReply& reply);

  std::atomic<uint32_t> proxies_{1};
  MemoryLimitStore local_;
  KnownCredits known_;
};

}  // namespace tollgate::store
