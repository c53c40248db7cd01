// A request as the cache sees it. Made by the pipeline once the caller is permitted and the limits have let
// it through: without a Permitted there is nothing to ask the cache with. Plain slices; one thread.
#pragma once

#include <string_view>

#include "proxy/exchange/arena.h"
#include "proxy/exchange/permitted.h"
#include "proxy/http/head.h"

namespace tollgate::cache {

struct CacheRequest {
  const exchange::Permitted& permitted;
  std::string_view method;
  std::string_view scheme;     // "http" or "https": upstreams see it in X-Forwarded-Proto
  std::string_view host;       // canonical, without port (http::Target)
  std::string_view authority;  // as the upstream gets it, with its port
  std::string_view path;       // canonical
  // Exactly what is forwarded: without the plans' keys, and cut by ForwardedQuery() (key.h). So what the
  // upstream can see of the query and what the key holds are one and the same.
  std::string_view query;
  bool has_query = false;
  const http::Fields& fields;  // without the plans' keys
  bool has_body = false;
  // Whether an Authorization or Cookie field goes upstream, with the plans' own keys taken out of it.
  bool forwards_authorization = false;
  bool forwards_cookie = false;
  exchange::Arena& arena;  // holds the key until the request ends

  // Absent rule.cache: nothing is looked up and nothing stored.
  const api::Cache* rule() const {
    const api::Rule& rule = *permitted.routed.rule->spec;
    return rule.has_cache() ? &rule.cache() : nullptr;
  }
};

}  // namespace tollgate::cache
