// Request fields by which widespread frameworks (Symfony, ASP.NET, Rails, Express, Spring) replace the method
// or a part of the target. A cache that does not know them stores under one name what was asked for under
// another: the best known way to poison one. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/http/head.h"

namespace tollgate::cache {

enum class Override {
  kNone,
  kMethod,  // such a GET is no GET: not served from the cache
  kTarget,  // stands in the key. Not refused: load balancers add X-Forwarded-Port to every request
};

// By the name alone, with "_" for "-" too: behind CGI and WSGI that is the same field.
Override FindOverride(std::string_view name);

// Inline, since each request's fields pass by three times and nearly all of them are none: another length
// than the table's, or no "X-" or "X_".
inline Override OverrideOf(const http::Field& field) {
  constexpr uint32_t kLengths =
      1u << 6 | 1u << 13 | 1u << 14 | 1u << 15 | 1u << 16 | 1u << 17 | 1u << 18 | 1u << 20 | 1u << 22;
  const std::string_view name = field.name;
  if (field.known != http::KnownHeader::kOther || name.size() > 22) return Override::kNone;
  if ((kLengths >> name.size() & 1) == 0 || (name[1] != '-' && name[1] != '_')) return Override::kNone;
  return FindOverride(name);
}

}  // namespace tollgate::cache
