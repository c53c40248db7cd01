// Who the caller is where proxies stand in front of the gateway. Pure; any thread.
#pragma once

#include "proxy/exchange/exchange.h"

namespace tollgate::guard {

inline constexpr unsigned kMostHops = 16;

// Each proxy on the way appends its own caller's address to X-Forwarded-For, and callers may begin it with
// whatever they like: so the entries count from the right, and of `trusted` proxies in front the one furthest
// from us wrote that many entries back. Where there are fewer, or it is no address, the request came another
// way, and the peer stands for its caller. At most kMostHops.
void FindClient(unsigned trusted, exchange::Exchange& x);

}  // namespace tollgate::guard
