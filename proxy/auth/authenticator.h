// Who calls, and whether this caller may use this operation. Built from a catalog, then immutable; any
// thread may read. Denies when in doubt: a plan that is broken, missing or empty admits nobody.
#pragma once

#include "api/base/clock.h"
#include "proxy/auth/key_table.h"
#include "proxy/exchange/arena.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/permitted.h"
#include "proxy/http/head.h"

namespace tollgate::auth {

class Authenticator {
 public:
  explicit Authenticator(const snapshot::Catalog& catalog) : catalog_(catalog), keys_(catalog) {}

  // The first plan of the route that one of the request's credentials belongs to. Nobody on a public route;
  // no-credential, credential-refused, not-on-plan or plan-broken otherwise.
  exchange::Outcome<exchange::Identity> Identify(const exchange::Routed& routed, const http::Fields& fields,
                                                 std::string_view query, WallMicros now,
                                                 exchange::Arena& arena) const;

  const KeyTable& keys() const { return keys_; }

 private:
  struct Finding;
  void Examine(snapshot::PlanIndex plan, std::string_view key, WallMicros now, Finding& finding) const;

  const snapshot::Catalog& catalog_;
  const KeyTable keys_;
};

// Whether the caller's plan grants the rule's operation; operation-not-allowed where not.
exchange::Outcome<exchange::Permitted> Entitle(const exchange::Routed& routed,
                                               const exchange::Identity& identity);

}  // namespace tollgate::auth
