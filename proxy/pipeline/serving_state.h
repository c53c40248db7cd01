// Everything that one snapshot needs to serve: each stage's table over one catalog. Immutable, swapped whole;
// any thread may read.
#pragma once

#include <memory>
#include <string>

#include "api/base/result.h"
#include "proxy/auth/authenticator.h"
#include "proxy/auth/credential_stripper.h"
#include "proxy/cors/cors_table.h"
#include "proxy/exchange/error_templates.h"
#include "proxy/exchange/rule_edits.h"
#include "proxy/forward/forwarder.h"
#include "proxy/guard/guard_table.h"
#include "proxy/limit/limit_table.h"
#include "proxy/route/route_table.h"
#include "proxy/snapshot/catalog.h"
#include "proxy/snapshot/live.h"
#include "proxy/tls/tls_table.h"

namespace tollgate::pipeline {

// What outlives a snapshot, for those that come after it.
struct Books {
  forward::EndpointBook endpoints;
  tls::TermsBook tls_terms;
};

struct ServingState {
  // `now` in seconds since 1970.
  ServingState(std::shared_ptr<const snapshot::Catalog> decoded, limit::LimitTable limit_table, Books& books,
               int64_t now);

  const std::shared_ptr<const snapshot::Catalog> catalog;
  const std::string version;  // hexadecimal, for logs and status
  const tls::TlsTable tls;
  const route::RouteTable routes;
  const guard::GuardTable guards;
  const cors::CorsTable cors;
  const exchange::EditTable edits;
  const exchange::ErrorTemplateTable error_templates;
  const auth::Authenticator authenticator;
  const auth::CredentialStripper credentials;
  const limit::LimitTable limits;
  const forward::ForwardTables forwarding;
};

using LiveState = snapshot::Live<ServingState>;

// Decodes and checks a snapshot and builds its tables; the old one serves on where it is refused.
Result<std::shared_ptr<const ServingState>> BuildServingState(const api::Snapshot& snapshot, Books& books,
                                                              int64_t now);

}  // namespace tollgate::pipeline
