// The terms under which hosts are served over TLS, and the certificates for it. A reference that leads to no
// certificate opens nothing: what is left of the list is shown, and where nothing is left handshakes are
// refused. Whether a certificate has expired stands in conditions alone, so that a snapshot does not depend
// on the time: a proxy looks at its own clock. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "api/snapshot.pb.h"
#include "controller/compile/compiler.h"
#include "controller/compile/host_claims.h"
#include "controller/compile/route_conditions.h"

namespace tollgate::compile {

// A host that an older route serves under other terms.
struct TlsConflict {
  std::string host;  // empty: every host
  resource::ObjectName owner;
};

// An entry for each route that has one: it is refused as a whole. To serve it under the older one's terms
// could be to serve it under weaker ones than its author wants.
using TlsConflicts = std::map<resource::ObjectName, TlsConflict>;

TlsConflicts FindTlsConflicts(const store::ObjectMap<resource::GatewayRoute>& routes,
                              const HostClaims& hosts);

resource::Mistake Describe(const TlsConflict& conflict);

// Why a reference to a certificate leads to none that can be used.
std::optional<UnresolvedRef> FollowCertificateRef(const resource::ObjectName& name, const std::string& field,
                                                  const store::ObjectSet& objects,
                                                  const CompilerOptions& options);

// Adds the terms of a route, and to the findings what is wrong with them.
void AddTls(const resource::GatewayRoute& route, const store::ObjectSet& objects,
            const CompilerOptions& options, api::Route& compiled, RouteFindings& findings);

// Adds the certificates that are named to a snapshot.
void AddCertificates(const store::ObjectMap<resource::TlsSecret>& secrets, const std::set<std::string>& names,
                     api::Snapshot& snapshot);

// When the next of all usable certificates expires, in seconds since 1970: from then on the conditions are
// others. 0: never.
int64_t NextExpiry(const store::ObjectMap<resource::TlsSecret>& secrets, int64_t now);

}  // namespace tollgate::compile
