// Secrets become the callers of plans. A consumer may stand in several Secrets of its plan; what they
// disagree on is decided by age and reported. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/store/resource_store.h"

namespace tollgate::compile {

// The callers of one plan.
struct PlanConsumers {
  std::vector<api::Consumer> consumers;  // sorted by id; each with at least one key
  // What was left out, each under "Secret namespace/name, entry name".
  std::vector<resource::Mistake> refused;
  std::vector<std::string> secrets_with_plain_keys;  // "namespace/name", sorted
};

using ConsumerTable = std::map<resource::ObjectName, PlanConsumers>;

// An entry for each of the plans. A Secret whose plan is not among them is left alone: it may be another
// installation's, or the plan may be still to come.
ConsumerTable CompileConsumers(const store::ObjectMap<resource::ConsumerSecret>& secrets,
                               const store::ObjectMap<resource::ApiPlan>& plans);

}  // namespace tollgate::compile
