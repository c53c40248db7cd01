// How a target is spoken to. What cannot be resolved breaks the rule: a request never goes in the clear, or
// to somebody unproven, because a reference is missing. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/compile/compiler.h"
#include "controller/compile/conditions.h"
#include "controller/compile/upstreams.h"

namespace tollgate::compile {

// What the target is called in the cluster, or by its URL, with its port where that is not the one of its
// scheme.
std::string HostOf(const resource::Target& target, const NamedUpstream& upstream);

// Fills in `compiled`, whose host is rewritten already; what is wrong comes back. `field` is the target's.
std::vector<UnresolvedRef> AddTargetTls(const resource::Target& target, const NamedUpstream& upstream,
                                        const std::string& space, const std::string& field,
                                        const store::ObjectSet& objects, const CompilerOptions& options,
                                        api::Target& compiled);

}  // namespace tollgate::compile
