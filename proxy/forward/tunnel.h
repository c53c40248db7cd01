// A connection to an upstream that has become a tunnel: both sides' bytes go through, each way with no more
// than one piece on its way, until both have ended their side, one breaks off, or neither has sent anything
// for as long as may be. One thread.
#pragma once

#include <chrono>
#include <optional>

#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/forward/upstream_exchange.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

// Why an answer's head does not fit the opening that was asked for; nothing where it does, or nothing was.
std::optional<exchange::Error> CheckOpening(const exchange::Exchange& x, const http::ResponseHead& head);

struct TunnelLimits {
  std::chrono::milliseconds idle;  // 0: none
  SteadyTime end;                  // whatever happens
};

class Tunnel {
 public:
  // `upstream` has read the head that opens the tunnel, and has begun it.
  Tunnel(exchange::Exchange& x, UpstreamExchange& upstream, const TunnelLimits& limits)
      : x_(x), upstream_(upstream), limits_(limits) {}

  // Sends the head to the caller, and carries bytes to the end of the tunnel.
  io::Task<void> Run(const exchange::Answer& head);

 private:
  io::Task<void> CarryUp();
  io::Task<void> CarryDown();
  // Ends both directions. The first reason counts.
  void Break(std::string_view reason);
  // Whether a wait that ran out of time was for one direction alone: the other one has been used meanwhile.
  bool InUse() const { return SteadyNow() < IdleEnd(); }
  SteadyTime IdleEnd() const;
  std::string_view WhyIdle() const { return SteadyNow() >= limits_.end ? "total-timeout" : "tunnel-idle"; }

  exchange::Exchange& x_;
  UpstreamExchange& upstream_;
  const TunnelLimits limits_;
  SteadyTime used_;  // when bytes last went through
  bool broken_ = false;
  io::Event up_over_;
};

}  // namespace tollgate::forward
