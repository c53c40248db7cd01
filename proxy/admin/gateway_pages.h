// What an operator can ask a gateway for. Any thread.
#pragma once

#include "proxy/admin/admin_server.h"
#include "proxy/net/gateway.h"

namespace tollgate::admin {

// What another process would take over of a gateway: what callers find, and the port of metrics.
std::vector<takeover::Listener> Listeners(const net::Gateway& gateway, const AdminServer& metrics);

// /metrics, /livez, /readyz over a gateway that outlives the server.
std::map<std::string, AdminServer::Page> GatewayPages(const net::Gateway& gateway);

}  // namespace tollgate::admin
