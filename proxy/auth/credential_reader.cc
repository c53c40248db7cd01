#include "proxy/auth/credential_reader.h"

#include <algorithm>

namespace tollgate::auth {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Percent-decodes a value; what is not a good escape stays as it is (and is then no known key).
std::string_view PercentDecode(std::string_view text, exchange::Arena& arena) {
  if (text.find('%') == std::string_view::npos) return text;
  char* const out = arena.Allocate(text.size());
  size_t n = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 && HexValue(text[i + 2]) >= 0;
    out[n++] = escape ? static_cast<char>(HexValue(text[i + 1]) << 4 | HexValue(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return {out, n};
}

// How a list of named items is written.
struct Notation {
  char separator;
  std::string_view joint;
  bool encoded;  // names and values may be percent-encoded
};
constexpr Notation kQuery{'&', "&", true};
constexpr Notation kCookies{';', "; ", false};

// Takes the first item off the front, without the blanks before it.
std::string_view TakeItem(std::string_view& rest, const Notation& notation) {
  const size_t end = std::min(rest.find(notation.separator), rest.size());
  std::string_view item = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
  return item;
}

bool IsNamed(std::string_view item, std::string_view name, const Notation& notation, exchange::Arena& arena) {
  const std::string_view own = item.substr(0, item.find('='));
  return own == name || (notation.encoded && PercentDecode(own, arena) == name);
}

std::string_view ValueOf(std::string_view item) {
  const size_t equals = item.find('=');
  return equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
}

std::string_view FindItem(std::string_view list, const Notation& notation, std::string_view name,
                          exchange::Arena& arena) {
  while (!list.empty()) {
    const std::string_view item = TakeItem(list, notation);
    if (IsNamed(item, name, notation, arena)) return ValueOf(item);
  }
  return {};
}

// The list without items of a name.
std::string_view WithoutItems(std::string_view list, const Notation& notation, std::string_view name,
                              exchange::Arena& arena) {
  std::string_view rest = list;
  bool found = false;
  while (!rest.empty() && !found) found = IsNamed(TakeItem(rest, notation), name, notation, arena);
  if (!found) return list;
  char* const out = arena.Allocate(list.size() * notation.joint.size());
  char* at = out;
  for (rest = list; !rest.empty();) {
    const std::string_view item = TakeItem(rest, notation);
    if (IsNamed(item, name, notation, arena)) continue;
    if (at != out) at = std::copy(notation.joint.begin(), notation.joint.end(), at);
    at = std::copy(item.begin(), item.end(), at);
  }
  return {out, static_cast<size_t>(at - out)};
}

std::string_view ReadCookie(const http::Fields& fields, std::string_view name, exchange::Arena& arena) {
  for (const http::Field& field : fields) {
    if (field.known != http::KnownHeader::kCookie) continue;
    const std::string_view value = FindItem(field.value, kCookies, name, arena);
    if (!value.empty()) return value;
  }
  return {};
}

}  // namespace

std::optional<std::string_view> ReadKey(const api::KeyLocation& location, const http::Fields& fields,
                                        std::string_view query, exchange::Arena& arena) {
  std::string_view key;
  switch (location.type()) {
    case api::KeyLocation::HEADER:
      if (const http::Field* field = fields.Find(location.name())) key = field->value;
      break;
    case api::KeyLocation::QUERY:
      key = PercentDecode(FindItem(query, kQuery, location.name(), arena), arena);
      break;
    case api::KeyLocation::COOKIE: key = ReadCookie(fields, location.name(), arena); break;
    default: break;
  }
  if (key.empty()) return std::nullopt;
  return key;
}

std::string_view WithoutParameter(std::string_view query, std::string_view name, exchange::Arena& arena) {
  return WithoutItems(query, kQuery, name, arena);
}

std::string_view WithoutCookie(std::string_view cookies, std::string_view name, exchange::Arena& arena) {
  return WithoutItems(cookies, kCookies, name, arena);
}

}  // namespace tollgate::auth
