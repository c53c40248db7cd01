// The head that an upstream receives, and the answer that its head becomes. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/exchange/exchange.h"

namespace tollgate::forward {

// Writes the request's head for an endpoint: its fields without hop-by-hop and forwarding fields of the
// caller's, then our own (identity, request id, Forwarded and X-Forwarded-*, Via). `body` is how the body
// will be sent; `authority` stands in for a Host that an HTTP/1.0 caller did not send.
void WriteRequestHead(const exchange::Exchange& exchange, std::string_view path, std::string_view authority,
                      const http::Framing& body, std::string& out);

// The answer for the caller from an upstream's head. `framing` is the upstream's. Where the gateway has
// limits of its own to tell of (`limited`), the upstream's RateLimit fields stay behind: side by side nobody
// could tell them apart.
void MakeAnswer(const http::ResponseHead& head, const http::Framing& framing, bool limited,
                exchange::Answer& answer);

}  // namespace tollgate::forward
