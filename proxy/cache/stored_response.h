// A stored answer. Immutable once it is in the cache: handed out as shared_ptr<const>, it stays readable for
// as long as somebody sends it, whatever is evicted meanwhile. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/clock.h"
#include "proxy/http/head.h"

namespace tollgate::cache {

// How long an answer may be used (RFC 9111, section 4.2). Times in microseconds.
struct Freshness {
  WallMicros received = 0;     // when its head came
  WallMicros initial_age = 0;  // how old it was then (section 4.2.3)
  WallMicros lifetime = 0;     // how old it may become
  bool never_stale = false;    // must-revalidate, proxy-revalidate, s-maxage: not even for max-stale
};

// A name of Vary and what the request had there: nothing where it had no such field.
struct VaryValue {
  std::string name;  // lower case
  std::optional<std::string> value;

  friend bool operator==(const VaryValue&, const VaryValue&) = default;
};

struct StoredResponse {
  int status = 0;
  Freshness freshness;
  std::vector<VaryValue> vary;
  // Header lines as they are sent ("name: value\r\n"), without what describes a connection, Content-Length or
  // Age. Those that a 304 repeats (RFC 9110, section 15.4.5) stand first, so that they are a prefix.
  std::string lines;
  std::vector<http::Field> fields;  // slices of `lines`, in that order
  size_t not_modified_fields = 0;   // how many of `fields` belong to a 304
  size_t not_modified_bytes = 0;    // … and how much of `lines`
  std::string_view etag;            // with its quotes; empty: none
  int64_t modified = 0;             // seconds since 1970: Last-Modified, else Date (RFC 9111, section 4.3.2)
  std::string body;

  StoredResponse() = default;
  StoredResponse(const StoredResponse&) = delete;  // `fields` and `etag` point into `lines`
  StoredResponse& operator=(const StoredResponse&) = delete;

  std::span<const http::Field> not_modified() const { return {fields.data(), not_modified_fields}; }

  // Bytes of memory: what is allocated, not only what is used.
  size_t Cost() const {
    size_t cost = sizeof *this + lines.capacity() + body.capacity() +
                  fields.capacity() * sizeof(http::Field) + vary.capacity() * sizeof(VaryValue);
    for (const VaryValue& part : vary) {
      cost += part.name.capacity() + (part.value ? part.value->capacity() : 0);
    }
    return cost;
  }
};

}  // namespace tollgate::cache
