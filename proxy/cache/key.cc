#include "proxy/cache/key.h"

#include <openssl/rand.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "proxy/cache/override.h"
#include "proxy/cache/vary.h"

namespace tollgate::cache {
namespace {

constexpr uint8_t kVersion = 3;

// Two passes over the same parts: the first measures, the second writes into memory of just that size.
class Measure {
 public:
  void Byte(uint8_t) { ++size_; }
  void Number(uint32_t) { size_ += sizeof(uint32_t); }
  void Bytes(std::string_view bytes) { size_ += bytes.size(); }
  size_t size() const { return size_; }

 private:
  size_t size_ = 0;
};

class Pen {
 public:
  explicit Pen(char* at) : at_(at) {}
  void Byte(uint8_t value) { *at_++ = static_cast<char>(value); }
  void Number(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) Byte(static_cast<uint8_t>(value >> shift));
  }
  void Bytes(std::string_view bytes) {
    if (bytes.empty()) return;  // data() may be null
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

 private:
  char* at_;
};

template <class Sink>
void Part(std::string_view part, Sink& sink) {
  sink.Number(static_cast<uint32_t>(part.size()));  // a head is at most 32 KiB
  sink.Bytes(part);
}

template <class Sink>
void PutScope(const CacheRequest& request, Sink& sink) {
  const exchange::Identity& identity = request.permitted.identity;
  const api::Cache::Scope scope = request.rule()->scope();
  sink.Byte(static_cast<uint8_t>(scope));
  if (scope == api::Cache::SHARED) return;
  // Also for a consumer: upstreams are told the plan, and who moves to another one is to notice at once.
  Part(identity.plan->name, sink);
  if (scope == api::Cache::CONSUMER) Part(identity.consumer_id(), sink);
}

// A field with its own name, where the key does not expect it.
template <class Sink>
void PutNamed(const http::Field& field, Sink& sink) {
  sink.Byte(1);
  Part(field.name, sink);
  Part(field.value, sink);
}

// A field that is not there has no lines, an empty one has one of length 0. What an upstream may take for a
// line of it follows.
template <class Sink>
void PutField(const CacheRequest& request, std::string_view name, Sink& sink) {
  uint32_t lines = 0;
  VisitLines(request, name, [&lines](std::string_view) { ++lines; });
  Part(name, sink);
  sink.Number(lines);
  VisitLines(request, name, [&sink](std::string_view value) { Part(value, sink); });
  VisitLookAlikes(request, name, [&sink](const http::Field& field) { PutNamed(field, sink); });
  sink.Byte(0);
}

// What replaces parts of the target, as it came: with name and value, in the order of the fields. Not what
// the caller's Connection names, which stays behind (see VisitLines).
template <class Sink>
void PutOverrides(const CacheRequest& request, Sink& sink) {
  const http::ConnectionOptions options(request.fields);
  for (const http::Field& field : request.fields) {
    if (OverrideOf(field) == Override::kTarget && !options.Names(field)) PutNamed(field, sink);
  }
  sink.Byte(0);
}

// Several matches of one rule may fit one path, and which of them does may hang on a header: the path that
// the upstream sees is then another where the rule rewrites it.
template <class Sink>
void PutMatch(const exchange::Routed& routed, Sink& sink) {
  const bool told = routed.path != nullptr && routed.rule->spec->matches_size() > 1;
  sink.Byte(told ? static_cast<uint8_t>(routed.path->type()) : 0);
  if (told) Part(routed.path->value(), sink);
}

template <class Sink>
void PutKey(const CacheRequest& request, Sink& sink) {
  const exchange::Routed& routed = request.permitted.routed;
  sink.Byte(kVersion);
  Part(routed.route->name, sink);
  Part(routed.rule->spec->name(), sink);
  PutMatch(routed, sink);
  PutScope(request, sink);
  Part(request.scheme, sink);
  Part(request.authority, sink);
  Part(request.path, sink);
  sink.Byte(request.has_query);
  Part(request.query, sink);
  PutOverrides(request, sink);
  const auto& names = request.rule()->header_names();
  sink.Number(static_cast<uint32_t>(names.size()));
  for (const std::string& name : names) PutField(request, name, sink);
}

bool ScopeIsKnown(const CacheRequest& request) {
  const exchange::Identity& identity = request.permitted.identity;
  switch (request.rule()->scope()) {
    case api::Cache::SHARED: return true;
    case api::Cache::PLAN: return identity.plan != nullptr;
    case api::Cache::CONSUMER: return identity.plan != nullptr && identity.consumer != nullptr;
    default: return false;
  }
}

// XXH3 with a secret of its full length: without it collisions cannot be computed beforehand.
using HashSecret = std::array<unsigned char, XXH3_SECRET_SIZE_MIN + 56>;

const HashSecret& ProcessSecret() {
  static const HashSecret secret = [] {
    HashSecret bytes;
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();
    return bytes;
  }();
  return secret;
}

}  // namespace

uint64_t HashBytes(std::string_view bytes) {
  const HashSecret& secret = ProcessSecret();
  return XXH3_64bits_withSecret(bytes.data(), bytes.size(), secret.data(), secret.size());
}

std::optional<KeyRef> BuildKey(const CacheRequest& request) {
  if (!ScopeIsKnown(request)) return std::nullopt;
  Measure measure;
  PutKey(request, measure);
  char* const text = request.arena.Allocate(measure.size());
  Pen pen(text);
  PutKey(request, pen);
  const std::string_view bytes(text, measure.size());
  return KeyRef{bytes, HashBytes(bytes)};
}

}  // namespace tollgate::cache
