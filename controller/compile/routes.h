// GatewayRoutes: who may call them, their rules, and what is to be said about them. An object that cannot be
// served refuses: its hosts answer 500, and nothing of it is open. Not thread-safe: fills the compilation's
// upstream table.
#pragma once

#include <optional>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/compile/certificates.h"
#include "controller/compile/compiler.h"
#include "controller/compile/host_claims.h"
#include "controller/compile/plans.h"
#include "controller/compile/regexes.h"
#include "controller/compile/upstreams.h"

namespace tollgate::compile {

struct CompiledRoute {
  // Nothing where the route holds no host to answer for.
  std::optional<api::Route> route;
  ObjectVerdict verdict;
};

// What earlier steps found.
struct RouteInputs {
  const store::ObjectSet& objects;  // of all installations
  const CompilerOptions& options;
  const HostClaims& hosts;
  const TlsConflicts& tls_conflicts;
  const PlanTable& plans;
  const RegexTable& regexes;
};

CompiledRoute CompileRoute(const resource::GatewayRoute& route, const RouteInputs& inputs,
                           UpstreamTable& upstreams);

}  // namespace tollgate::compile
