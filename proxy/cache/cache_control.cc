#include "proxy/cache/cache_control.h"

#include <algorithm>

#include "proxy/cache/list_reader.h"
#include "proxy/http/characters.h"

namespace tollgate::cache {
namespace {

using http::EqualsIgnoringCase;

struct Directive {
  std::string_view name;
  std::optional<std::string_view> value;  // without quotes
  bool well_formed = true;                // token [ "=" ( token / quoted-string ) ] and no more
};

std::string_view TokenAt(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && http::Is(text[size], http::kTokenChar)) ++size;
  return text.substr(0, size);
}

// What follows a name, "=" included.
void ReadValue(std::string_view rest, Directive& directive) {
  if (rest.empty()) return;
  directive.well_formed = false;
  if (rest.front() != '=') return;
  rest.remove_prefix(1);
  // Numbers are sent as tokens, but are to be read in quotes too (section 5.2).
  if (rest.size() >= 2 && rest.front() == '"' && rest.back() == '"') {
    directive.value = rest.substr(1, rest.size() - 2);
    directive.well_formed = true;
    return;
  }
  directive.value = TokenAt(rest);
  directive.well_formed = !rest.empty() && directive.value->size() == rest.size();
}

template <class Visitor>
void VisitDirectives(const http::Fields& fields, Visitor visit) {
  for (const http::Field& field : fields) {
    if (field.known != http::KnownHeader::kCacheControl) continue;
    for (ListReader list(field.value); list.Next();) {
      Directive directive{TokenAt(list.item()), std::nullopt};
      ReadValue(list.item().substr(directive.name.size()), directive);
      visit(directive);
    }
  }
}

std::optional<int64_t> Number(const Directive& directive) {
  return directive.well_formed && directive.value ? ParseDelta(*directive.value) : std::nullopt;
}

void TakeSmaller(std::optional<int64_t> number, std::optional<int64_t>& into) {
  const int64_t seconds = number.value_or(0);
  into = into ? std::min(*into, seconds) : seconds;
}

void ReadRequest(const Directive& directive, RequestDirectives& out) {
  const std::string_view name = directive.name;
  if (EqualsIgnoringCase(name, "no-cache")) out.no_cache = true;
  if (EqualsIgnoringCase(name, "no-store")) out.no_store = true;
  if (EqualsIgnoringCase(name, "only-if-cached")) out.only_if_cached = true;
  if (EqualsIgnoringCase(name, "max-age")) TakeSmaller(Number(directive), out.max_age);
  if (EqualsIgnoringCase(name, "min-fresh")) {
    out.min_fresh = std::max(out.min_fresh.value_or(0), Number(directive).value_or(kMaxDelta));
  }
  if (EqualsIgnoringCase(name, "max-stale")) {
    const bool any = directive.well_formed && !directive.value;
    TakeSmaller(any ? kMaxDelta : Number(directive), out.max_stale);
  }
}

void ReadResponse(const Directive& directive, ResponseDirectives& out) {
  const std::string_view name = directive.name;
  if (EqualsIgnoringCase(name, "no-store")) out.no_store = true;
  if (EqualsIgnoringCase(name, "no-cache")) out.no_cache = true;
  if (EqualsIgnoringCase(name, "private")) out.is_private = true;
  if (EqualsIgnoringCase(name, "max-age")) TakeSmaller(Number(directive), out.max_age);
  if (EqualsIgnoringCase(name, "s-maxage")) TakeSmaller(Number(directive), out.s_maxage);
  // What only forbids counts however it is written; what allows as well must be written right.
  if (!directive.well_formed) return;
  if (EqualsIgnoringCase(name, "public")) out.is_public = true;
  if (EqualsIgnoringCase(name, "must-revalidate")) out.must_revalidate = true;
  if (EqualsIgnoringCase(name, "proxy-revalidate")) out.proxy_revalidate = true;
  if (EqualsIgnoringCase(name, "must-understand")) out.must_understand = true;
}

bool PragmaSaysNoCache(const http::Fields& fields) {
  for (const http::Field& field : fields) {
    if (field.known != http::KnownHeader::kPragma) continue;
    for (ListReader list(field.value); list.Next();) {
      if (EqualsIgnoringCase(list.item(), "no-cache")) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<int64_t> ParseDelta(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int64_t seconds = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = std::min(seconds * 10 + (c - '0'), kMaxDelta);
  }
  return seconds;
}

RequestDirectives RequestDirectives::Read(const http::Fields& fields) {
  RequestDirectives directives;
  bool has_cache_control = false;
  VisitDirectives(fields, [&](const Directive& directive) {
    has_cache_control = true;
    ReadRequest(directive, directives);
  });
  if (!has_cache_control) directives.no_cache = PragmaSaysNoCache(fields);
  return directives;
}

ResponseDirectives ResponseDirectives::Read(const http::Fields& fields) {
  ResponseDirectives directives;
  VisitDirectives(fields, [&directives](const Directive& directive) { ReadResponse(directive, directives); });
  return directives;
}

}  // namespace tollgate::cache
