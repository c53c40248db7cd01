// How a gateway ends without losing a request: what a program does between the signal and its exit. Main
// thread.
//
// - At the signal: readiness off. New connections are accepted and served as before, since those who choose
//   among gateways hear of it late; every answer says "Connection: close".
// - After the grace: the listeners' queues are emptied, then closed; idle connections close, busy ones after
//   their answer. A request that crosses with the close of its idle connection is not answered; clients send
//   such a one again on another connection (RFC 9112, section 9.3.1).
//   A process that another one has taken over from does the first half of this at once: who is new is the
//   other one's. Its grace ends when nobody is connected any more.
// - At the limit: what is still under way is cut and counted, and each such request is logged with the reason
//   "drain-cut".
#pragma once

#include <chrono>
#include <functional>

#include "proxy/net/gateway.h"

namespace tollgate::net {

struct DrainTerms {
  std::chrono::milliseconds grace;
  std::chrono::milliseconds limit;
  // Another process accepts on the same sockets by now (proxy/takeover).
  bool handed_over;
  // Waits for so long; true, at once, when the drain shall end now: the operator asked a second time.
  std::function<bool(std::chrono::milliseconds)> hurried;
};

// As flags and signals say it. A process that was taken over from drains already when it is told to end: it
// hurries at the signal after that.
DrainTerms ToTerms(std::chrono::milliseconds grace, std::chrono::milliseconds limit, int signals,
                   bool handed_over);

// Logs what it had to cut; returns how many connections that were.
size_t Drain(Gateway& gateway, const DrainTerms& terms);

}  // namespace tollgate::net
