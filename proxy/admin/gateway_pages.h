// What an operator can ask a gateway for. Any thread.
#pragma once

#include "proxy/admin/admin_server.h"
#include "proxy/net/gateway.h"

namespace tollgate::admin {

// /metrics, /livez, /readyz over a gateway that outlives the server.
std::map<std::string, AdminServer::Page> GatewayPages(const net::Gateway& gateway);

}  // namespace tollgate::admin
