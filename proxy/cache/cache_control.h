// Cache-Control (RFC 9111, section 5.2), of requests and of responses. Where a directive comes twice the more
// restrictive one counts; a number that cannot be read counts as if it were the most restrictive: section
// 4.2.1 wants such an answer taken as stale. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/http/head.h"

namespace tollgate::cache {

// Seconds; a number too large to be kept is kMaxDelta (section 1.2.2).
inline constexpr int64_t kMaxDelta = int64_t{1} << 31;

struct RequestDirectives {
  bool no_cache = false;  // also Pragma: no-cache where there is no Cache-Control (section 5.4)
  bool no_store = false;
  bool only_if_cached = false;
  std::optional<int64_t> max_age;
  std::optional<int64_t> min_fresh;
  std::optional<int64_t> max_stale;  // kMaxDelta without a value: any

  static RequestDirectives Read(const http::Fields& fields);
};

struct ResponseDirectives {
  bool no_store = false;
  // With field names too ("no-cache=\"set-cookie\""): section 5.2.2.4 lets a cache ignore the names, and to
  // drop just these fields would need a revalidation to get them back.
  bool no_cache = false;
  bool is_private = false;
  bool is_public = false;
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  std::optional<int64_t> max_age;
  std::optional<int64_t> s_maxage;

  static ResponseDirectives Read(const http::Fields& fields);
};

// 1*DIGIT, up to kMaxDelta; nothing for any other text.
std::optional<int64_t> ParseDelta(std::string_view text);

}  // namespace tollgate::cache
