// How long an answer may be used and how old it is (RFC 9111, sections 4.2 and 5.2.1). Pure arithmetic; any
// thread.
#pragma once

#include <cstdint>
#include <optional>

#include "api/snapshot.pb.h"
#include "proxy/cache/cache_control.h"
#include "proxy/cache/stored_response.h"
#include "proxy/http/head.h"

namespace tollgate::cache {

// When the answer was asked for and when its head was there, by the gateway's clock.
struct Times {
  WallMicros sent;
  WallMicros received;
};

// The lifetime (section 4.2.1): s-maxage, else max-age, else Expires minus Date, else the rule's ttl.
// No heuristic comes after that: an operator who wants one writes a ttl. 0: not fresh at any time.
Freshness FreshnessOf(const http::Fields& response, const ResponseDirectives& directives,
                      const api::Cache& rule, Times times);

// Whether the response itself says how long it is fresh or that it may be shared.
bool HasExplicitFreshness(const http::Fields& response, const ResponseDirectives& directives);

// Section 4.2.3: how old the answer is now. Never less than it was when it came, also where the clock is set
// back.
WallMicros CurrentAge(const Freshness& freshness, WallMicros now);

enum class Use {
  kAllowed,
  kStale,        // past its lifetime, and the request does not take it
  kNotAccepted,  // fresh, but the request wants it younger, or fresh for longer
};

// Whether a stored answer may be used for a request (sections 4.2 and 5.2.1).
Use MayUse(const Freshness& freshness, const RequestDirectives& request, WallMicros now);

inline constexpr WallMicros kMicrosPerSecond = 1'000'000;

}  // namespace tollgate::cache
