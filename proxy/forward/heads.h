// The head that an upstream receives, and the answer that its head becomes. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/exchange/exchange.h"
#include "proxy/http/http2_request_head.h"

namespace tollgate::forward {

// What an endpoint is asked for.
struct Destination {
  std::string_view path;
  std::string_view endpoint;   // "address:port"; stands in for a Host that an HTTP/1.0 caller did not send
  std::string_view host = {};  // in place of the caller's; empty: the caller's
  std::string_view scheme = "http";
};

// Writes the request's head for an endpoint: its fields without hop-by-hop and forwarding fields of the
// caller's, then our own (identity, request id, Forwarded and X-Forwarded-*, Via). `body` is how the body
// will be sent.
void WriteRequestHead(const exchange::Exchange& exchange, const Destination& destination,
                      const http::Framing& body, std::string& out);

// The same for HTTP/2.
void WriteRequestHead(const exchange::Exchange& exchange, const Destination& destination,
                      const http::Framing& body, http::Http2RequestHead& head);

// Interim answers to a request: a few sets of early hints, or a word that it goes on every 15 s of four
// minutes. Each may have the size of a head.
inline constexpr int kMostInterims = 16;
// What an interim answer has of its own, without what describes the connection.
void InterimFields(const http::ResponseHead& head, http::Fields& fields);

// The answer for the caller from an upstream's head. `framing` is the upstream's. Where the gateway has
// limits of its own to tell of (`limited`), the upstream's RateLimit fields stay behind: side by side nobody
// could tell them apart.
void MakeAnswer(const http::ResponseHead& head, const http::Framing& framing, bool limited,
                exchange::Answer& answer);

}  // namespace tollgate::forward
