#include "proxy/route/precedence.h"

#include <optional>
#include <string>

#include "proxy/http/path_template.h"

namespace tollgate::route {
namespace {

enum Kind { kExact, kTemplate, kPrefix, kRegex, kNoPath, kBrokenObject };

int64_t LiteralSegments(const std::string& path) {
  const std::optional<http::PathTemplate> parsed = http::PathTemplate::Parse(path);
  return parsed ? static_cast<int64_t>(parsed->literal_count()) : 0;
}

// A prefix takes whole segments, with or without a slash at its end.
std::string_view WithoutLastSlash(std::string_view prefix) {
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  return prefix;
}

}  // namespace

Precedence::Precedence(const snapshot::RouteEntry& route, const api::Match* match)
    : kind_(kBrokenObject), created_(route.spec.created()), object_(route.name) {
  if (match == nullptr) return;
  conditions_ = {match->methods().empty() ? 0 : -1, -match->headers_size(), -match->query_size(),
                 -match->cookies_size()};
  switch (match->path().type()) {
    case api::PathMatch::EXACT: kind_ = kExact; break;
    case api::PathMatch::TEMPLATE:
      kind_ = kTemplate;
      literal_ = -LiteralSegments(match->path().value());
      break;
    case api::PathMatch::PREFIX:
      kind_ = kPrefix;
      literal_ = -static_cast<int64_t>(WithoutLastSlash(match->path().value()).size());
      break;
    case api::PathMatch::REGEX: kind_ = kRegex; break;
    default: kind_ = kNoPath; break;
  }
}

bool Precedence::operator<(const Precedence& other) const { return Key() < other.Key(); }

}  // namespace tollgate::route
