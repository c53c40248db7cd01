// The last step: what the others compiled becomes one sealed snapshot and one list of verdicts. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/compile/compiler.h"
#include "controller/compile/consumers.h"
#include "controller/compile/plans.h"
#include "controller/compile/routes.h"
#include "controller/compile/upstreams.h"

namespace tollgate::compile {

struct CompiledParts {
  const std::vector<CompiledRoute>& routes;
  const PlanTable& plans;
  const ConsumerTable& consumers;
  const UpstreamTable& upstreams;
  const std::optional<api::Settings>& settings;
  const store::ObjectMap<resource::TlsSecret>& certificates;
};

// Only upstreams that a rule can forward to, and certificates that are shown to somebody, are in the
// snapshot.
Compiled Assemble(const CompiledParts& parts, const std::string& installation);

}  // namespace tollgate::compile
