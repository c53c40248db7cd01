// What conditions compare with: path, headers, query parameters and cookies of one request. Query and cookies
// are taken apart once, and only where a condition asks for one. Where a name stands more than once, the
// first counts, as for keys. One thread; slices the request and the arena.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "proxy/exchange/arena.h"
#include "proxy/http/head.h"
#include "proxy/http/target.h"

namespace tollgate::route {

class RequestValues {
 public:
  RequestValues(const http::Fields& fields, const http::Target& target, exchange::Arena& arena)
      : fields_(fields), target_(target), arena_(arena) {}

  std::string_view path() const { return target_.path; }
  // The value; nothing where there is none of that name. A name without "=" has an empty value.
  std::optional<std::string_view> Header(std::string_view name) const;
  std::optional<std::string_view> Parameter(std::string_view name);  // decoded as forms are
  std::optional<std::string_view> Cookie(std::string_view name);

 private:
  struct Item {
    std::string_view name;
    std::string_view value;
    size_t place;
    bool operator<(const Item& other) const;
  };
  // Sorted, so that a request with thousands of parameters does not pay for each condition anew.
  using Items = std::vector<Item>;

  static std::optional<std::string_view> Find(const Items& items, std::string_view name);
  void ReadQuery();
  void ReadCookies();

  const http::Fields& fields_;
  const http::Target& target_;
  exchange::Arena& arena_;
  std::optional<Items> parameters_;
  std::optional<Items> cookies_;
};

}  // namespace tollgate::route
