#include "proxy/cache/response_cache.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/cache/cache_control.h"
#include "proxy/cache/freshness.h"
#include "proxy/cache/override.h"
#include "proxy/cache/stored_head.h"
#include "proxy/cache/storing.h"
#include "proxy/cache/vary.h"

namespace tollgate::cache {
namespace {

using http::KnownHeader;

// What is being recorded may hold a quarter of the capacity besides: at the default, sixteen answers of the
// largest size at once, and thousands of usual ones.
constexpr size_t kRecordingShare = 4;

// Another method than the request line's, or a condition that CGI and its like read all the same.
bool IsInDisguise(const http::Field& field) {
  if (OverrideOf(field) == Override::kMethod) return true;
  const KnownHeader known = http::ClassifyAsCgi(field.name);
  return known == KnownHeader::kIfMatch || known == KnownHeader::kIfUnmodifiedSince;
}

// The fields that decide how a request is looked up, found in one pass.
struct Wishes {
  bool directives = false;  // Cache-Control or Pragma is there
  // Range, a condition that only the origin can judge (RFC 9110, 13.1.1, 13.1.4), either or another method in
  // disguise.
  bool unservable = false;

  static Wishes Read(const http::Fields& fields) {
    Wishes wishes;
    for (const http::Field& field : fields) {
      switch (field.known) {
        case KnownHeader::kCacheControl:
        case KnownHeader::kPragma: wishes.directives = true; break;
        case KnownHeader::kRange:
        case KnownHeader::kIfMatch:
        case KnownHeader::kIfUnmodifiedSince: wishes.unservable = true; break;
        default: wishes.unservable = wishes.unservable || IsInDisguise(field); break;
      }
    }
    return wishes;
  }
};

bool IsRead(std::string_view method) { return method == "GET" || method == "HEAD"; }

// RFC 9110, section 9.2.1. A method that nobody knows may change anything.
bool IsUnsafe(std::string_view method) {
  constexpr std::array<std::string_view, 4> kSafe = {"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::find(kSafe.begin(), kSafe.end(), method) == kSafe.end();
}

Lookup Forwarded(Lookup::Kind kind, Forward forward) {
  Lookup lookup;
  lookup.kind = kind;
  lookup.forward = forward;
  return lookup;
}

Lookup Hit(std::shared_ptr<const StoredResponse> response, WallMicros now) {
  const WallMicros age = CurrentAge(response->freshness, now);
  Lookup lookup;
  lookup.kind = Lookup::Kind::kHit;
  lookup.age_seconds = age / kMicrosPerSecond;
  lookup.ttl_seconds = (response->freshness.lifetime - age) / kMicrosPerSecond;
  lookup.response = std::move(response);
  return lookup;
}

}  // namespace

std::string_view TextOf(SharedResult result) {
  switch (result) {
    case SharedResult::kNotAsked: return "";
    case SharedResult::kHit: return "hit";
    case SharedResult::kMiss: return "miss";
    case SharedResult::kDown: return "down";
    case SharedResult::kLate: return "late";
    case SharedResult::kDamaged: return "damaged";
  }
  return "";
}

// "Non-error" is 2xx or 3xx.
bool Outdates(std::string_view method, int status) {
  return status >= 200 && status < 400 && IsUnsafe(method);
}

ResponseCache::ResponseCache(const Options& options)
    : options_(options),
      memory_(options.capacity_bytes),
      budget_(std::max(options.max_body_bytes, options.capacity_bytes / kRecordingShare)) {}

Lookup ResponseCache::Find(const CacheRequest& request, WallMicros now) {
  if (request.rule() == nullptr) return {};
  if (!IsRead(request.method)) return Forwarded(Lookup::Kind::kBypass, Forward::kMethod);
  const Wishes wishes = Wishes::Read(request.fields);
  const RequestDirectives asked =
      wishes.directives ? RequestDirectives::Read(request.fields) : RequestDirectives{};
  Lookup lookup = Forwarded(Lookup::Kind::kBypass, Forward::kBypass);
  // The content of a GET has no meaning (RFC 9110, section 9.3.1), yet upstreams read it: it is not in the
  // key.
  if (!wishes.unservable && !request.has_body) lookup = LookUp(request, asked, now);
  const bool forwards = lookup.kind != Lookup::Kind::kHit;
  if (forwards && asked.only_if_cached) lookup.kind = Lookup::Kind::kOnlyIfCached;
  return lookup;
}

Lookup ResponseCache::LookUp(const CacheRequest& request, const RequestDirectives& asked, WallMicros now) {
  const std::optional<KeyRef> key = BuildKey(request);
  if (!key) return Forwarded(Lookup::Kind::kBypass, Forward::kBypass);
  Forward forward = Forward::kRequest;
  if (!asked.no_cache) {
    Found found = memory_.Find(*key, request);
    if (found.response == nullptr) {
      forward = found.other_variants ? Forward::kVaryMiss : Forward::kUriMiss;
    } else {
      const Use use = MayUse(found.response->freshness, asked, now);
      if (use == Use::kAllowed) return Hit(std::move(found.response), now);
      if (use == Use::kStale) memory_.Drop(*key, *found.response);
      forward = use == Use::kStale ? Forward::kStale : Forward::kRequest;
    }
  }
  Lookup lookup = Forwarded(Lookup::Kind::kMiss, forward);
  lookup.key = *key;
  // Before the request goes out, or the other tier is asked: an unsafe method that is answered from now on
  // outdates what comes of it.
  lookup.target = targets_.Pin(request.host, request.path);
  return lookup;
}

bool ResponseCache::Fill(const CacheRequest& request, Lookup& lookup,
                         std::shared_ptr<const StoredResponse> response, WallMicros now) {
  const RequestDirectives asked = RequestDirectives::Read(request.fields);
  if (asked.no_cache || !lookup.target.current()) return false;
  if (MayUse(response->freshness, asked, now) != Use::kAllowed) {
    lookup.forward = Forward::kRequest;
    return false;
  }
  if (!asked.no_store) memory_.Insert(lookup.key, response, lookup.target);
  Lookup hit = Hit(std::move(response), now);
  hit.shared_took = lookup.shared_took;
  lookup = std::move(hit);
  return true;
}

std::optional<Recording> ResponseCache::Record(const CacheRequest& request, const Lookup& lookup,
                                               const http::ResponseHead& head, const http::Framing& framing,
                                               WallMicros sent, WallMicros received) {
  if (lookup.kind != Lookup::Kind::kMiss || !lookup.missed()) return std::nullopt;
  const ResponseDirectives said = ResponseDirectives::Read(head.fields);
  const RequestDirectives asked = RequestDirectives::Read(request.fields);
  if (MayStore(request, asked, head, framing, said) != Refusal::kNone) return std::nullopt;
  const Freshness freshness = FreshnessOf(head.fields, said, *request.rule(), {sent, received});
  // Stale from the start: of no use to a cache that does not revalidate.
  if (freshness.lifetime <= freshness.initial_age) return std::nullopt;
  std::optional<std::vector<VaryValue>> vary = SelectingValues(request, head.fields);
  if (!vary) return std::nullopt;

  Recording::Plan plan;
  if (framing.kind == http::Framing::Kind::kNone) plan.length = 0;
  if (framing.kind == http::Framing::Kind::kLength) plan.length = framing.length;
  if (plan.length && *plan.length > options_.max_body_bytes) return std::nullopt;
  plan.key = lookup.key.bytes;
  plan.hash = lookup.key.hash;
  plan.target = lookup.target;
  plan.place = lookup.place;
  plan.max_body = options_.max_body_bytes;
  plan.response = std::make_unique<StoredResponse>();
  plan.response->freshness = freshness;
  plan.response->vary = *std::move(vary);
  StoreHead(head, received, *plan.response);
  return Recording(std::move(plan), memory_, budget_);
}

void ResponseCache::AnswerSeen(std::string_view method, std::string_view host, std::string_view path,
                               int status) {
  if (Outdates(method, status)) Outdate(host, path);
}

}  // namespace tollgate::cache
