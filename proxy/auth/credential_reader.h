// Finds API keys where a plan says they stand, and takes them out again before anything is logged, keyed or
// forwarded. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/snapshot.pb.h"
#include "proxy/exchange/arena.h"
#include "proxy/http/head.h"

namespace tollgate::auth {

// The key at a location, if one stands there. Percent-encoding in a query's names and values is decoded into
// `arena`.
// An empty value is no key.
std::optional<std::string_view> ReadKey(const api::KeyLocation& location, const http::Fields& fields,
                                        std::string_view query, exchange::Arena& arena);

// The query without the parameters of a name; the same slice where there are none.
std::string_view WithoutParameter(std::string_view query, std::string_view name, exchange::Arena& arena);

// A Cookie field's value without the cookies of a name; the same slice where there are none.
std::string_view WithoutCookie(std::string_view cookies, std::string_view name, exchange::Arena& arena);

}  // namespace tollgate::auth
