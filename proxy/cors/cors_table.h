// Which routes tell browsers what pages of other origins may do. Built from a catalog, then immutable; any
// thread may read.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "proxy/cors/cors_policy.h"
#include "proxy/exchange/exchange.h"

namespace tollgate::cors {

class CorsTable {
 public:
  explicit CorsTable(const snapshot::Catalog& catalog);

  // The method that a browser asks about before it sends it (Fetch, section 4.9); empty where the request is
  // no such preflight, or no route of the snapshot could answer one.
  std::string_view PreflightedMethod(const http::RequestHead& head) const;

  // From here on the answer tells of origins, where the route does; upstreams' own words on them do not
  // count.
  void Mark(exchange::Exchange& x) const;

  bool Has(snapshot::RouteIndex route) const { return policies_[route] != nullptr; }
  // The answer to a preflight of a route that has a policy; without charge, and nobody is identified.
  void AnswerPreflight(exchange::Exchange& x, exchange::Answer& answer) const;

 private:
  std::vector<std::unique_ptr<const CorsPolicy>> policies_;  // by route; nullptr: none
  bool any_ = false;
};

// Takes out of an answer what others say of origins.
void DropOriginFields(exchange::Answer& answer);
void AddOriginFields(const exchange::CrossOrigin& told, exchange::Answer& answer);

}  // namespace tollgate::cors
