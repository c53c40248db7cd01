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
};

// Writes the request's head for an endpoint: its fields without hop-by-hop and forwarding fields of the
// caller's, then our own (identity, request id, Forwarded and X-Forwarded-*, Via). `body` is how the body
// will be sent.
void WriteRequestHead(const exchange::Exchange& exchange, const Destination& destination,
                      const http::Framing& body, std::string& out);

// The same for HTTP/2, without TLS.
void WriteRequestHead(const exchange::Exchange& exchange, const Destination& destination,
                      const http::Framing& body, http::Http2RequestHead& head);

// The answer for the caller from an upstream's head. `framing` is the upstream's. Where the gateway has
// limits of its own to tell of (`limited`), the upstream's RateLimit fields stay behind: side by side nobody
// could tell them apart.
void MakeAnswer(const http::ResponseHead& head, const http::Framing& framing, bool limited,
                exchange::Answer& answer);

}  // namespace tollgate::forward
