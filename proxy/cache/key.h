// The primary cache key (RFC 9111, section 2) as bytes: every part is preceded by its length, so no two
// different requests make one key; keys are compared in full, their hash only finds the place. Also what of
// the query is forwarded. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/cache/cache_request.h"

namespace tollgate::cache {

struct KeyRef {
  std::string_view bytes;
  uint64_t hash = 0;  // of this process only: keyed by a secret drawn at its start
};

// The key of a request whose rule has a cache, in the request's arena. Nothing where the rule's scope asks
// for a plan or consumer and the caller has none: nobody may then share what this caller gets.
//
// Layout: version byte; route, rule; scope byte and its ids (Plan: plan; Consumer: plan, consumer); scheme,
// authority, path; 0 or 1 and the query; 1, name and value of each field that replaces a part of the target
// (override.h), then 0; the number of listed header fields, each with its name, its number of lines and their
// values. Texts are preceded by their length, numbers are 32 bits, little-endian. It holds nothing of the
// installation or process: whatever tier stands below can use it.
//
// Besides what the rule lists, everything that the gateway itself lets upstreams see of a request's target
// stands in it: port and letter case of Host, and the scheme. An upstream that builds links of them would
// else hand one caller's to all.
std::optional<KeyRef> BuildKey(const CacheRequest& request);

// A keyed hash: callers choose what is hashed and must not be able to aim at one bucket.
uint64_t HashBytes(std::string_view bytes);

struct Query {
  std::string_view text;
  bool present = false;

  friend bool operator==(const Query&, const Query&) = default;
};

// The query that goes upstream and into the key. Where the rule lists names, only those parameters are left,
// in the order of their decoded names and, for one name, as they came; else the query as it is. Names are
// compared percent-decoded, so that "filter%5Bid%5D" is "filter[id]"; what is kept is kept as it came.
Query ForwardedQuery(const api::Rule& rule, Query query, exchange::Arena& arena);

}  // namespace tollgate::cache
