#include "proxy/admin/gateway_pages.h"

namespace tollgate::admin {

std::vector<takeover::Listener> Listeners(const net::Gateway& gateway, const AdminServer& metrics) {
  std::vector<takeover::Listener> listeners = gateway.Listeners();
  listeners.push_back(takeover::Duplicate(takeover::kMetrics, 0, metrics.socket()));
  return listeners;
}

std::map<std::string, AdminServer::Page> GatewayPages(const net::Gateway& gateway) {
  return {
      {"/livez", {[] {
         return AdminAnswer{200, "text/plain; charset=utf-8", "ok\n"};
       }}},
      {"/readyz", {[&gateway] {
         if (gateway.ready()) return AdminAnswer{200, "text/plain; charset=utf-8", "ok\n"};
         return AdminAnswer{503, "text/plain; charset=utf-8", "not ready: no configuration, or draining\n"};
       }}},
      {"/metrics", {[&gateway] {
         return AdminAnswer{200, "text/plain; version=0.0.4; charset=utf-8", gateway.Metrics()};
       }}},
  };
}

}  // namespace tollgate::admin
