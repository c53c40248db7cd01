// The head of what goes back to the caller, before a protocol puts it into its own form. Plain data; slices
// live as long as the exchange. One thread.
#pragma once

#include <string_view>

#include "proxy/http/framing.h"
#include "proxy/http/head.h"

namespace tollgate::exchange {

struct Answer {
  // What an upstream's or a stored head may have: the rest is for the gateway's own fields (Date, Age,
  // X-Request-Id, Cache-Status, RateLimit, RateLimit-Policy), which no upstream can crowd out.
  static constexpr size_t kMaxUpstreamFields = http::Fields::kMax - 8;

  int status = 0;
  http::Fields fields;  // without hop-by-hop fields and without Content-Length
  // kNone, kLength, or kChunked for a body whose length is not known beforehand.
  http::Framing framing;
  // HEAD and 304: the length that a GET would have had, which framing may not say.
  bool has_declared_length = false;
  uint64_t declared_length = 0;

  // Appends a field of the gateway's own: there is room.
  void Add(std::string_view name, std::string_view value) {
    (void)fields.Add({name, value, http::KnownHeader::kOther});
  }
};

}  // namespace tollgate::exchange
