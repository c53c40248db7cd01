#include "proxy/route/request_values.h"

#include <algorithm>
#include <tuple>

#include "proxy/exchange/item_list.h"

namespace tollgate::route {

bool RequestValues::Item::operator<(const Item& other) const {
  return std::tie(name, place) < std::tie(other.name, other.place);
}

std::optional<std::string_view> RequestValues::Find(const Items& items, std::string_view name) {
  const auto found = std::lower_bound(items.begin(), items.end(), Item{name, {}, 0});
  if (found == items.end() || found->name != name) return std::nullopt;
  return found->value;
}

std::optional<std::string_view> RequestValues::Header(std::string_view name) const {
  const http::Field* const field = fields_.Find(name);
  return field == nullptr ? std::nullopt : std::optional(field->value);
}

std::optional<std::string_view> RequestValues::Parameter(std::string_view name) {
  if (!parameters_) ReadQuery();
  return Find(*parameters_, name);
}

std::optional<std::string_view> RequestValues::Cookie(std::string_view name) {
  if (!cookies_) ReadCookies();
  return Find(*cookies_, name);
}

void RequestValues::ReadQuery() {
  Items& items = parameters_.emplace();
  for (std::string_view rest = target_.query; !rest.empty();) {
    const exchange::Item item = exchange::TakeItem(rest, exchange::kForm, arena_);
    if (item.text.empty()) continue;
    items.push_back({item.name, exchange::FormDecode(item.value, arena_), items.size()});
  }
  std::sort(items.begin(), items.end());
}

void RequestValues::ReadCookies() {
  Items& items = cookies_.emplace();
  for (const http::Field& field : fields_) {
    if (field.known != http::KnownHeader::kCookie) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const exchange::Item item = exchange::TakeItem(rest, exchange::kCookies, arena_);
      if (!item.text.empty()) items.push_back({item.name, item.value, items.size()});
    }
  }
  std::sort(items.begin(), items.end());
}

}  // namespace tollgate::route
