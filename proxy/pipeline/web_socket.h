// Whether a caller's wish for a WebSocket is handed on. Pure; any thread.
#pragma once

#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"

namespace tollgate::pipeline {

// Marks the request where its rule lets WebSockets through. Without that, one over HTTP/1.1 is served as any
// other: nobody has to grant an upgrade (RFC 9110, section 7.8). One over HTTP/2 asks for nothing else.
exchange::Outcome<Done> AdmitWebSocket(exchange::Exchange& x);

}  // namespace tollgate::pipeline
