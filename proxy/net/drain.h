// How a gateway ends without losing a request: what a program does between the signal and its exit. Main
// thread.
//
//   signal      readiness off; new connections are accepted and served as before, since those who choose
//   among
//               gateways hear of it late; every answer says "Connection: close"
//   + grace     the listeners' queues are emptied, then closed; idle connections close, busy ones after their
//               answer. A request that crosses with the close of its idle connection is not answered; clients
//               send such a one again on another connection (RFC 9112, section 9.3.1)
//   + limit     what is still under way is cut, counted, and each request logged with the reason "drain-cut"
#pragma once

#include <chrono>
#include <functional>

#include "proxy/net/gateway.h"

namespace tollgate::net {

struct DrainTerms {
  std::chrono::milliseconds grace;
  std::chrono::milliseconds limit;
  // Waits for so long; true, at once, when the drain shall end now: the operator asked a second time.
  std::function<bool(std::chrono::milliseconds)> hurried;
};

// Logs what it had to cut; returns how many connections that were.
size_t Drain(Gateway& gateway, const DrainTerms& terms);

}  // namespace tollgate::net
