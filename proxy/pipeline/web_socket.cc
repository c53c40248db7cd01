#include "proxy/pipeline/web_socket.h"

#include "proxy/http/web_socket.h"

namespace tollgate::pipeline {

exchange::Outcome<Done> AdmitWebSocket(exchange::Exchange& x) {
  if (!http::AsksForWebSocket(x.head) || x.downstream.request_framing().has_body()) return Done{};
  const bool over_http2 = x.head.major_version == 2;
  x.web_socket = x.routed->rule->spec->web_socket();
  if (x.web_socket && over_http2) x.web_socket_key = x.arena.Keep(http::MakeWebSocketKey());
  if (x.web_socket || !over_http2) return Done{};
  return exchange::Error{.problem = exchange::Problem::kNotImplemented,
                         .detail = "No WebSocket is served on this path.",
                         .reason = "web-socket-not-allowed"};
}

}  // namespace tollgate::pipeline
