// Writes what the gateway answers by itself: problems, redirects, answers of rules, stored answers; and the
// fields that it adds to every answer. One for a core; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/cache/response_cache.h"
#include "proxy/compress/compression.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/io/loop.h"

namespace tollgate::pipeline {

class AnswerWriter {
 public:
  AnswerWriter(io::Loop& loop, const WallClock& clock) : loop_(loop), clock_(clock) {}

  // Before it writes: where HTTPS listens; 0: nowhere.
  void SetHttpsPort(uint16_t port) { https_port_ = port; }

  // Each of these sends a whole answer, and notes in the exchange what it was.
  io::Task<void> SendProblem(exchange::Exchange& x, const exchange::Error& error);
  io::Task<void> LeadToTls(exchange::Exchange& x);
  io::Task<void> SendByRule(exchange::Exchange& x, exchange::Answer& answer, std::string_view body);
  io::Task<void> SendOwn(exchange::Exchange& x, exchange::Answer& answer, std::string_view body);
  io::Task<void> SendStored(exchange::Exchange& x, const cache::Lookup& lookup);

  // What rule and route make of an answer that an upstream, the cache or the rule itself gives: of its head,
  // which says how its body is framed, and of that body.
  compress::Compression TakeOver(exchange::Exchange& x, exchange::Answer& answer);
  // The gateway's own fields, which every answer has.
  void AddGatewayFields(const exchange::Exchange& x, exchange::Answer& answer);
  // This second, as an HTTP date.
  std::string_view Date();

 private:
  io::Task<bool> SendCompressed(exchange::Exchange& x, exchange::Answer& answer, std::string_view body,
                                compress::Compression& compression);

  io::Loop& loop_;
  const WallClock& clock_;
  uint16_t https_port_ = 0;
  size_t compressing_ = 0;  // bodies, at this moment
  int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace tollgate::pipeline
