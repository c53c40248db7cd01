// What the pipeline asks for a stored answer and hands new answers to: RFC 9111's shared cache over the
// in-memory tier. One for the process, made once and kept until the last request is gone; any thread.
//
//   Lookup lookup = cache.Find(request, now);
//   kHit:          answer from lookup.response (conditional.h says whether 304), Age: lookup.age_seconds
//   kOnlyIfCached: answer 504
//   kMiss:         forward; with the upstream's final head call Record(), then Append() each piece of the
//                  body that goes by, and Commit() after the last
//   kBypass:       forward
// Where there is a second tier, what missed() is looked for there before that (shared_tier.h). After every
// forwarded answer, of routes without a cache too: AnswerSeen().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/cache/cache_control.h"
#include "proxy/cache/cache_request.h"
#include "proxy/cache/key.h"
#include "proxy/cache/memory_cache.h"
#include "proxy/cache/recording.h"
#include "proxy/cache/stored_response.h"
#include "proxy/cache/target_book.h"
#include "proxy/http/framing.h"

namespace tollgate::cache {

// Why a request goes upstream: RFC 9211, section 2.2 ("fwd").
enum class Forward : uint8_t {
  kUnconfigured,  // the rule has no cache: no Cache-Status is sent
  kMethod,        // neither GET nor HEAD
  kBypass,        // a request that this cache does not serve: Range, If-Match, content, no consumer to key by
  kUriMiss,
  kVaryMiss,
  kStale,
  kRequest,  // the request's own Cache-Control wants it
};

// What came of a question to the shared tier.
enum class SharedResult : uint8_t {
  kNotAsked,
  kHit,
  kMiss,     // also: what is there is not to be used for this request
  kDown,     // the store cannot be asked
  kLate,     // it did not answer within its deadline
  kDamaged,  // what is there cannot be read
};

// As it stands in metrics: "hit", "miss", "down", "late", "damaged".
std::string_view TextOf(SharedResult result);

struct SharedPlace;

struct Lookup {
  enum class Kind : uint8_t { kHit, kMiss, kBypass, kOnlyIfCached };
  Kind kind = Kind::kBypass;
  Forward forward = Forward::kUnconfigured;  // of kMiss and kBypass
  // Of kHit.
  std::shared_ptr<const StoredResponse> response;
  int64_t age_seconds = 0;
  int64_t ttl_seconds = 0;  // negative where max-stale let a stale answer through
  // Of what missed(), for Record(). `key` lies in the request's arena.
  KeyRef key;
  TargetPin target;
  std::shared_ptr<const SharedPlace> place;  // nullptr: the shared tier takes nothing
  SharedResult shared_result = SharedResult::kNotAsked;
  SteadyTime::duration shared_took{};

  // Memory was asked and has nothing that may be used.
  bool missed() const { return kind != Kind::kHit && !key.bytes.empty(); }
};

// Whether an answer outdates what is stored for its request's target: a non-error one to an unsafe method.
bool Outdates(std::string_view method, int status);

class ResponseCache {
 public:
  struct Options {
    // Heads, bodies, keys and the book-keeping of each. 64 MiB: the smaller part of the 150 MiB that a proxy
    // with 10,000 routes and 100,000 keys may take, and room for tens of thousands of usual API answers.
    size_t capacity_bytes = size_t{64} << 20;
    // A larger body is not stored. 1 MiB: well above what APIs answer with, and a 64th of the default
    // capacity, so that no single answer empties the cache.
    size_t max_body_bytes = size_t{1} << 20;
  };

  explicit ResponseCache(const Options& options);

  Lookup Find(const CacheRequest& request, WallMicros now);

  // Another tier has the answer to a lookup that missed: makes it a hit and keeps the answer in memory.
  // False, and the lookup stays a miss, where the target was changed meanwhile or the request does not take
  // it.
  bool Fill(const CacheRequest& request, Lookup& lookup, std::shared_ptr<const StoredResponse> response,
            WallMicros now);

  // Begins to store the answer to a kMiss, if it may be stored. `framing` is the upstream's (RFC 9112);
  // `sent` and `received` are when the request went out and when the answer's head was there.
  std::optional<Recording> Record(const CacheRequest& request, const Lookup& lookup,
                                  const http::ResponseHead& head, const http::Framing& framing,
                                  WallMicros sent, WallMicros received);

  // RFC 9111, section 4.4: a non-error answer to an unsafe method drops what is stored for the host and path,
  // in every scope, rule, query and variant. Call with the status of every answer that came from upstream;
  // where there is a shared tier, call that one's.
  void AnswerSeen(std::string_view method, std::string_view host, std::string_view path, int status);

  // For the shared tier: drops what is stored for a host and path, and what is in the making; marks the
  // target while that is under way elsewhere.
  void Outdate(std::string_view host, std::string_view path) { targets_.Invalidate(host, path); }
  TargetLeave Leave(std::string_view host, std::string_view path) { return targets_.Leave(host, path); }

  // For metrics: what is stored now, and what answers in the making hold besides.
  size_t bytes() const { return memory_.bytes(); }
  size_t entries() const { return memory_.entries(); }
  uint64_t evictions() const { return memory_.evictions(); }
  size_t recording_bytes() const { return budget_.used(); }

 private:
  Lookup LookUp(const CacheRequest& request, const RequestDirectives& asked, WallMicros now);

  const Options options_;
  TargetBook targets_;
  MemoryCache memory_;
  RecordingBudget budget_;
};

}  // namespace tollgate::cache
