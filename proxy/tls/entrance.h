// Whether a request came by the way that its host is served on. Pure; any thread.
#pragma once

#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/tls/tls_table.h"

namespace tollgate::tls {

enum class Entrance {
  kOpen,
  kLeadsToTls,  // it came without TLS, which its host wants
};

// Or misdirected (RFC 9110, section 15.5.20): its target has the scheme of another kind of connection, or
// the connection's server name stands for other terms than the host.
exchange::Outcome<Entrance> Enter(const TlsTable& table, const exchange::Exchange& x);

}  // namespace tollgate::tls
