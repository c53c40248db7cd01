// Which connections a core has: what /connections shows. Plain values; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "proxy/forward/pool_state.h"

namespace tollgate::net {

// Callers' connections, by what is spoken on them.
struct SessionTally {
  size_t http1 = 0;
  size_t http2 = 0;
  size_t http2_requests = 0;  // at work on those
  size_t tunnels = 0;         // WebSockets over HTTP/1.1
  size_t secure = 0;          // of all above
};

struct ConnectionReport {
  SessionTally sessions;
  size_t open = 0;  // with those that have not begun: a header of the PROXY protocol, a handshake
  std::map<std::string, forward::PoolState> upstreams;  // by endpoint
};

}  // namespace tollgate::net
