// ApiPlans: their terms with the defaults applied, and what is to be said about them. A plan with any mistake
// admits nobody. Pure; any thread.
#pragma once

#include <map>

#include "api/snapshot.pb.h"
#include "controller/compile/compiler.h"
#include "controller/compile/consumers.h"

namespace tollgate::compile {

struct CompiledPlan {
  api::Plan plan;
  ObjectVerdict verdict;  // `attached_routes` is counted once the routes are compiled
};

using PlanTable = std::map<resource::ObjectName, CompiledPlan>;

// An entry for each of the plans; `consumers` has one for each too.
PlanTable CompilePlans(const store::ObjectMap<resource::ApiPlan>& plans, const ConsumerTable& consumers,
                       const CompilerOptions& options);

}  // namespace tollgate::compile
