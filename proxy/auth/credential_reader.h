// Finds API keys where a plan says they stand. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "api/snapshot.pb.h"
#include "proxy/exchange/arena.h"
#include "proxy/http/head.h"

namespace tollgate::auth {

// The key at a location, if one stands there. Percent-encoding in a query's names and values is decoded into
// `arena`. An empty value is no key.
std::optional<std::string_view> ReadKey(const api::KeyLocation& location, const http::Fields& fields,
                                        std::string_view query, exchange::Arena& arena);

}  // namespace tollgate::auth
