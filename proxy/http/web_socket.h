// The opening of a WebSocket (RFC 6455, section 4): by an upgrade of HTTP/1.1, or over HTTP/2 by an extended
// CONNECT (RFC 8441), which Http2Request brings into the form of the first. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace tollgate::http {

inline constexpr std::string_view kWebSocket = "websocket";  // of Upgrade and :protocol

// Whether a request without a body asks for one. Other upgrades are wishes that nobody has to grant (RFC
// 9110, section 7.8).
bool AsksForWebSocket(const RequestHead& head);

// Whether an answer of status 101 grants it. `key` is the one that the gateway has made, which the answer has
// to prove it has read; empty: the caller made it, and will look for itself.
bool OpensWebSocket(const ResponseHead& head, std::string_view key);

// A Sec-WebSocket-Key, for a caller who has none.
std::string MakeWebSocketKey();

}  // namespace tollgate::http
