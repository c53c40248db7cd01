// What the blocks of a rule's upstream mean with their defaults applied. Pure; any thread.
#pragma once

#include <optional>

#include "api/snapshot.pb.h"
#include "controller/resource/upstream_policy.h"

namespace tollgate::compile {

// Without a block: a connection that cannot be made is tried elsewhere, and nothing else is tried again.
api::Retry CompileRetry(const std::optional<resource::Retry>& retry);

api::PassiveHealth CompilePassiveHealth(const resource::PassiveHealth& health);

api::ActiveHealth CompileActiveHealth(const resource::ActiveHealth& health);
// What goes with it where the rule does not judge by requests: how many endpoints may be out of use.
api::PassiveHealth BoundOfActiveHealth();

// Without a block: LeastRequests.
api::Balancing CompileBalancing(const std::optional<resource::Balancing>& balancing);

api::ConnectionLimits CompileLimits(const resource::ConnectionLimits& limits);

}  // namespace tollgate::compile
