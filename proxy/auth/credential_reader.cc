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

// Takes what stands before `separator` off the front, without the blanks in front of it.
std::string_view TakeItem(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  std::string_view item = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
  return item;
}

std::string_view NameOf(std::string_view item) { return item.substr(0, item.find('=')); }

std::string_view ValueOf(std::string_view item) {
  const size_t equals = item.find('=');
  return equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
}

std::string_view FindItem(std::string_view list, char separator, std::string_view name) {
  while (!list.empty()) {
    const std::string_view item = TakeItem(list, separator);
    if (NameOf(item) == name) return ValueOf(item);
  }
  return {};
}

// The list without items of a name, joined again by `joint`.
std::string_view WithoutItems(std::string_view list, char separator, std::string_view joint,
                              std::string_view name, exchange::Arena& arena) {
  std::string_view rest = list;
  bool found = false;
  while (!rest.empty() && !found) found = NameOf(TakeItem(rest, separator)) == name;
  if (!found) return list;
  char* const out = arena.Allocate(list.size() * joint.size());
  char* at = out;
  for (rest = list; !rest.empty();) {
    const std::string_view item = TakeItem(rest, separator);
    if (NameOf(item) == name) continue;
    if (at != out) at = std::copy(joint.begin(), joint.end(), at);
    at = std::copy(item.begin(), item.end(), at);
  }
  return {out, static_cast<size_t>(at - out)};
}

std::string_view ReadCookie(const http::Fields& fields, std::string_view name) {
  for (const http::Field& field : fields) {
    if (field.known != http::KnownHeader::kCookie) continue;
    if (const std::string_view value = FindItem(field.value, ';', name); !value.empty()) return value;
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
    case api::KeyLocation::QUERY: key = PercentDecode(FindItem(query, '&', location.name()), arena); break;
    case api::KeyLocation::COOKIE: key = ReadCookie(fields, location.name()); break;
    default: break;
  }
  if (key.empty()) return std::nullopt;
  return key;
}

std::string_view WithoutParameter(std::string_view query, std::string_view name, exchange::Arena& arena) {
  return WithoutItems(query, '&', "&", name, arena);
}

std::string_view WithoutCookie(std::string_view cookies, std::string_view name, exchange::Arena& arena) {
  return WithoutItems(cookies, ';', "; ", name, arena);
}

}  // namespace tollgate::auth
