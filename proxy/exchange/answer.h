// The head of what goes back to the caller, before a protocol puts it into its own form. Plain data; slices
// live as long as the exchange. One thread.
#pragma once

#include <optional>
#include <string_view>

#include "proxy/http/framing.h"
#include "proxy/http/head.h"

namespace tollgate::exchange {

struct Answer {
  // What an upstream's or a stored head may have: the rest is for the gateway's own fields, which no upstream
  // can crowd out: Date, Age, X-Request-Id, Cache-Status, RateLimit, RateLimit-Policy, three of `security`,
  // four of `cors` and two Vary, and the 16 that a rule may set.
  static constexpr size_t kMaxUpstreamFields = http::Fields::kMax - 32;

  int status = 0;
  // Without hop-by-hop fields and without Content-Length. Trailer stands here; who leaves the trailers out
  // leaves it out, too.
  http::Fields fields;
  // kNone, kLength, or kChunked for a body whose length is not known beforehand; kUntilClose with status 101,
  // behind which both sides' bytes go through until they end.
  http::Framing framing;
  // An answer of gRPC that is trailers alone, in its head: over HTTP/2 it says no length.
  bool trailers_only = false;
  // HEAD and 304: the length that a GET would have had, which framing may not say.
  bool has_declared_length = false;
  uint64_t declared_length = 0;

  // What Content-Length says of it, where it says anything (RFC 9110, section 8.6).
  std::optional<uint64_t> ContentLength(bool to_head_request) const {
    if (framing.kind == http::Framing::Kind::kLength) return framing.length;
    if (framing.has_body() || status == 204 || status == 304) return std::nullopt;
    if (has_declared_length) return declared_length;
    return to_head_request ? std::nullopt : std::optional<uint64_t>(0);
  }

  // Appends a field of the gateway's own: there is room.
  void Add(std::string_view name, std::string_view value) {
    (void)fields.Add({name, value, http::KnownHeader::kOther});
  }
};

}  // namespace tollgate::exchange
