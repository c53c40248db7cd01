// Takes out of a request what must not go further, before anything is logged, keyed or forwarded. Built from
// a catalog, then immutable; any thread may read.
//
// - Identity headers: always, since only the gateway may set them.
// - What stands at the places of the route's own plans: whatever it is, unless the plan forwards its keys.
//   Nobody else has a use for them on this route. Where the gateway answers by itself, nobody has.
// - What stands at the places of any other plan of the installation: where it is a key of somebody's, on a
//   public route, beside a deleted plan or in another namespace. What is no key stays, for the upstream may
//   use the place itself (Authorization), and a plan must not reach into others' routes.
#pragma once

#include <string_view>

#include "proxy/auth/key_table.h"
#include "proxy/auth/place_names.h"
#include "proxy/exchange/arena.h"
#include "proxy/exchange/permitted.h"
#include "proxy/http/head.h"

namespace tollgate::auth {

class CredentialStripper {
 public:
  CredentialStripper(const snapshot::Catalog& catalog, const KeyTable& keys);

  // `fields` receives what is left of the fields; returns the query that is left.
  std::string_view Strip(const exchange::Routed& routed, const http::Fields& received, std::string_view query,
                         exchange::Arena& arena, http::Fields& fields) const;

 private:
  class Judge;

  const snapshot::Catalog& catalog_;
  const KeyTable& keys_;
  // Of all plans.
  PlaceNames headers_;
  PlaceNames parameters_;
  PlaceNames cookies_;
};

}  // namespace tollgate::auth
