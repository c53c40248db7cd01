#include "controller/compile/cache_policy.h"

#include <set>
#include <string>

#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

using resource::Access;
using resource::CachePolicy;
using resource::CacheScope;

// RFC 9110, section 15.1: heuristically cacheable. Without 206: a part of an answer is of no use to a cache
// that stores whole ones.
constexpr int kCacheableStatuses[] = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501};

std::set<int> StatusesOf(const CachePolicy& policy) {
  if (!policy.statuses.empty()) return {policy.statuses.begin(), policy.statuses.end()};
  return {std::begin(kCacheableStatuses), std::end(kCacheableStatuses)};
}

// RFC 9111, section 3.5: an answer to a request with credentials is not shared unless somebody says so; and
// on a Plans route every request has credentials.
CacheScope DefaultScope(Access access) {
  return access == Access::kPublic ? CacheScope::kShared : CacheScope::kConsumer;
}

api::Cache::Scope ScopeOf(CacheScope scope) {
  switch (scope) {
    case CacheScope::kShared: return api::Cache::SHARED;
    case CacheScope::kPlan: return api::Cache::PLAN;
    case CacheScope::kConsumer: return api::Cache::CONSUMER;
  }
  return api::Cache::SCOPE_UNSPECIFIED;
}

void AddKey(const resource::CacheKey& key, api::Cache& cache) {
  cache.set_query_listed(key.query_listed);
  if (key.query_listed) {
    for (const std::string& name : Distinct(key.query_names)) cache.add_query_names(name);
  }
  std::set<std::string> headers;
  for (const std::string& header : key.headers) headers.insert(LowerCase(header));
  for (const std::string& header : headers) cache.add_header_names(header);
}

}  // namespace

api::Cache CompileCache(const CachePolicy& policy, Access access) {
  api::Cache cache;
  // No ttl: what the upstream does not make cacheable is not.
  if (policy.ttl) cache.set_ttl_ms(static_cast<uint64_t>(policy.ttl->count()));
  for (const int status : StatusesOf(policy)) cache.add_statuses(static_cast<uint32_t>(status));
  cache.set_scope(ScopeOf(policy.scope.value_or(DefaultScope(access))));
  AddKey(policy.key, cache);
  return cache;
}

}  // namespace tollgate::compile
