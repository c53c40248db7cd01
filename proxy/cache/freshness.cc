#include "proxy/cache/freshness.h"

#include <algorithm>

#include "proxy/cache/list_reader.h"
#include "proxy/http/head_writer.h"

namespace tollgate::cache {
namespace {

using http::KnownHeader;

// Longer than any answer is of use, and short enough for sums of microseconds to stay in range.
constexpr WallMicros kMaxLifetime = kMaxDelta * kMicrosPerSecond;

std::optional<WallMicros> DateOf(const http::Fields& fields, KnownHeader header) {
  const http::Field* field = fields.Find(header);
  int64_t seconds = 0;
  if (field == nullptr || !http::ParseHttpDate(field->value, seconds)) return std::nullopt;
  return seconds * kMicrosPerSecond;
}

// Section 5.1: of a list the first member counts; what is no number is ignored.
WallMicros AgeValue(const http::Fields& response) {
  ListReader list(response.Value(KnownHeader::kAge));
  return list.Next() ? ParseDelta(list.item()).value_or(0) * kMicrosPerSecond : 0;
}

// Section 5.3: a value that is no date, "0" above all, is in the past; so are two that differ.
WallMicros LifetimeByExpires(const http::Fields& response, WallMicros date) {
  const http::Field* first = response.Find(KnownHeader::kExpires);
  for (const http::Field& field : response) {
    if (field.known == KnownHeader::kExpires && field.value != first->value) return 0;
  }
  const std::optional<WallMicros> expires = DateOf(response, KnownHeader::kExpires);
  return expires ? *expires - date : 0;
}

WallMicros Lifetime(const http::Fields& response, const ResponseDirectives& directives,
                    const api::Cache& rule, WallMicros date) {
  if (directives.s_maxage) return *directives.s_maxage * kMicrosPerSecond;
  if (directives.max_age) return *directives.max_age * kMicrosPerSecond;
  if (response.Find(KnownHeader::kExpires) != nullptr) return LifetimeByExpires(response, date);
  return static_cast<WallMicros>(std::min<uint64_t>(rule.ttl_ms(), kMaxLifetime / 1000)) * 1000;
}

}  // namespace

Freshness FreshnessOf(const http::Fields& response, const ResponseDirectives& directives,
                      const api::Cache& rule, Times times) {
  // An answer without a date is dated by who receives it (RFC 9110, section 6.6.1).
  const WallMicros date = DateOf(response, KnownHeader::kDate).value_or(times.received);
  const WallMicros apparent_age = std::max<WallMicros>(0, times.received - date);
  const WallMicros delay = std::max<WallMicros>(0, times.received - times.sent);
  Freshness freshness;
  freshness.received = times.received;
  freshness.initial_age = std::max(apparent_age, AgeValue(response) + delay);
  freshness.lifetime = std::clamp<WallMicros>(Lifetime(response, directives, rule, date), 0, kMaxLifetime);
  // Sections 5.2.2.2, 5.2.2.8 and, for s-maxage, 5.2.2.10.
  freshness.never_stale =
      directives.must_revalidate || directives.proxy_revalidate || directives.s_maxage.has_value();
  return freshness;
}

bool HasExplicitFreshness(const http::Fields& response, const ResponseDirectives& directives) {
  return directives.is_public || directives.s_maxage || directives.max_age ||
         response.Find(KnownHeader::kExpires) != nullptr;
}

WallMicros CurrentAge(const Freshness& freshness, WallMicros now) {
  return freshness.initial_age + std::max<WallMicros>(0, now - freshness.received);
}

Use MayUse(const Freshness& freshness, const RequestDirectives& request, WallMicros now) {
  const WallMicros age = CurrentAge(freshness, now);
  const WallMicros left = freshness.lifetime - age;
  if (left <= 0) {
    // Section 5.2.1.2. A lifetime that has just ended is stale by 0 seconds.
    const bool taken =
        !freshness.never_stale && request.max_stale && -left <= *request.max_stale * kMicrosPerSecond;
    if (!taken) return Use::kStale;
  }
  if (request.max_age && age > *request.max_age * kMicrosPerSecond) return Use::kNotAccepted;
  if (request.min_fresh && left < *request.min_fresh * kMicrosPerSecond) return Use::kNotAccepted;
  return Use::kAllowed;
}

}  // namespace tollgate::cache
