// The guards of all routes. Built from a catalog, then immutable; any thread may read.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/guard/route_guard.h"

namespace tollgate::guard {

class GuardTable {
 public:
  explicit GuardTable(const snapshot::Catalog& catalog);

  // Whether the route that a request is for lets it in. From here on the route's fields go with its answer,
  // unless it is to seem as if there were no route.
  exchange::Outcome<Done> Admit(exchange::Exchange& x) const;

  // Takes the edge's tokens out of what goes on: of the route's own header whatever stands there, of those of
  // other routes the tokens alone. The edge sends them with every request, and an upstream that knew one
  // could pass for it.
  void StripTokens(const exchange::Routed& routed, http::Fields& fields) const;

 private:
  struct Token {
    std::string_view header;
    std::string_view digest;
  };

  std::vector<std::unique_ptr<const RouteGuard>> guards_;  // by route; nullptr: it asks for nothing
  std::vector<Token> tokens_;                              // of all routes, each once
};

}  // namespace tollgate::guard
