// The value of Cache-Status (RFC 9211). Pure; any thread.
#pragma once

#include <string_view>

#include "proxy/cache/response_cache.h"
#include "proxy/exchange/arena.h"

namespace tollgate::cache {

// "tollgate; hit; ttl=30", "tollgate; hit; ttl=30; detail=shared", "tollgate; fwd=uri-miss; stored", …: what
// to append to the answer's Cache-Status list. `stored` says that the answer is being recorded: the head
// leaves before the body has come. Empty where the rule has no cache. The text is a literal or lies in
// `arena`.
std::string_view CacheStatus(const Lookup& lookup, bool stored, exchange::Arena& arena);

}  // namespace tollgate::cache
