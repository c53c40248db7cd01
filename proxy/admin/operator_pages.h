// What a gateway tells and does for those who operate it. Any thread.
#pragma once

#include <functional>

#include "proxy/admin/admin_server.h"
#include "proxy/net/gateway.h"

namespace tollgate::admin {

// /config_dump, /clusters, /connections, and POST /drain, which calls `drain`. Both outlive the server.
std::map<std::string, AdminServer::Page> OperatorPages(const net::Gateway& gateway,
                                                       const std::function<void()>& drain);

// JSON: every upstream with its endpoints, as all cores see them.
std::string ClustersText(const pipeline::ServingState& state, SteadyTime now);
// JSON: what each core has; nothing of one that did not answer.
std::string ConnectionsText(const std::vector<std::optional<net::ConnectionReport>>& cores, uint64_t moved);

}  // namespace tollgate::admin
