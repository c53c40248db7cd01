#include "proxy/cache/cache_status.h"

#include <charconv>

namespace tollgate::cache {
namespace {

struct Texts {
  std::string_view passed;
  std::string_view stored;
};

Texts TextsOf(Forward forward) {
  switch (forward) {
    case Forward::kUnconfigured: return {"", ""};
    case Forward::kMethod: return {"tollgate; fwd=method", "tollgate; fwd=method; stored"};
    case Forward::kBypass: return {"tollgate; fwd=bypass", "tollgate; fwd=bypass; stored"};
    case Forward::kUriMiss: return {"tollgate; fwd=uri-miss", "tollgate; fwd=uri-miss; stored"};
    case Forward::kVaryMiss: return {"tollgate; fwd=vary-miss", "tollgate; fwd=vary-miss; stored"};
    case Forward::kStale: return {"tollgate; fwd=stale", "tollgate; fwd=stale; stored"};
    case Forward::kRequest: return {"tollgate; fwd=request", "tollgate; fwd=request; stored"};
  }
  return {};
}

std::string_view HitStatus(int64_t ttl, bool shared, exchange::Arena& arena) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, ttl);
  return arena.Concat(
      {"tollgate; hit; ttl=", {digits, static_cast<size_t>(end - digits)}, shared ? "; detail=shared" : ""});
}

}  // namespace

std::string_view CacheStatus(const Lookup& lookup, bool stored, exchange::Arena& arena) {
  switch (lookup.kind) {
    case Lookup::Kind::kHit: {
      return HitStatus(lookup.ttl_seconds, lookup.shared_result == SharedResult::kHit, arena);
    }
    // Neither a hit nor forwarded: RFC 9211, section 2.8, leaves "detail" to say so.
    case Lookup::Kind::kOnlyIfCached: return "tollgate; detail=only-if-cached";
    case Lookup::Kind::kMiss:
    case Lookup::Kind::kBypass: break;
  }
  const Texts texts = TextsOf(lookup.forward);
  return stored ? texts.stored : texts.passed;
}

}  // namespace tollgate::cache
