#include "proxy/auth/credential_reader.h"

#include "proxy/exchange/item_list.h"

namespace tollgate::auth {
namespace {

std::string_view ReadCookie(const http::Fields& fields, std::string_view name, exchange::Arena& arena) {
  for (const http::Field& field : fields) {
    if (field.known != http::KnownHeader::kCookie) continue;
    const std::string_view value = exchange::FindItem(field.value, exchange::kCookies, name, arena);
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
      key =
          exchange::PercentDecode(exchange::FindItem(query, exchange::kQuery, location.name(), arena), arena);
      break;
    case api::KeyLocation::COOKIE: key = ReadCookie(fields, location.name(), arena); break;
    default: break;
  }
  if (key.empty()) return std::nullopt;
  return key;
}

}  // namespace tollgate::auth
