// What a try at an endpoint is given: what it is about, and how long it may take. Plain data; one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "api/base/clock.h"
#include "api/snapshot.pb.h"
#include "proxy/exchange/exchange.h"
#include "proxy/forward/connection_permits.h"
#include "proxy/forward/endpoint.h"
#include "proxy/forward/upstream_tls.h"

namespace tollgate::forward {

// The end of a wait of so many milliseconds; 0: none.
inline SteadyTime After(uint64_t timeout_ms) {
  return timeout_ms == 0 ? SteadyTime::max() : SteadyNow() + std::chrono::milliseconds(timeout_ms);
}

// How long each try of a request may take.
struct AttemptLimits {
  const api::Timeouts& timeouts;
  std::chrono::milliseconds done_caller;  // a caller who has ended its side is waited for so long
  SteadyTime total;                       // the end of the whole exchange, over all tries
  ConnectionLimits connections;
  TlsTerms tls;  // nullptr: in the clear

  SteadyTime Within(uint64_t timeout_ms) const { return std::min(After(timeout_ms), total); }
};

// What one try has of its own.
struct TryTerms {
  SteadyTime end =
      SteadyTime::max();  // until when the answer's head may come, because another try may follow
  bool fresh = false;     // over a new connection
};

// One try; all of it outlives the try.
struct Try {
  exchange::Exchange& x;
  Endpoint& endpoint;
  const AttemptLimits& limits;
  const TryTerms terms;
  const io::Address* alternate = nullptr;  // where the endpoint's host is besides
  // A call of gRPC to a target that speaks it: "unavailable" says of the endpoint what 503 says.
  const bool grpc = false;
};

}  // namespace tollgate::forward
