// Secrets become the callers of plans. A consumer may stand in several Secrets of its plan; what they
// disagree on is decided by age and reported. Pure; any thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/store/resource_store.h"

namespace tollgate::compile {

// The callers of one plan.
struct PlanConsumers {
  std::vector<api::Resource> resources;  // sorted by the consumers' ids; each consumer has at least one key
  // What was left out, each under "Secret namespace/name, entry name".
  std::vector<resource::Mistake> refused;
  std::vector<std::string> secrets_with_plain_keys;  // "namespace/name", sorted
  size_t bytes = 0;                                  // of the resources
  std::string too_many;  // not empty: why there are no resources (consumer_bounds.h)
};

using ConsumerTable = std::map<resource::ObjectName, std::shared_ptr<const PlanConsumers>>;

// What the callers of each plan came to, for the next compile: there are many, and most edits concern none of
// them. It changes how long a compile takes and nothing else. Not thread-safe: of whoever compiles again and
// again.
class ConsumerCache {
 public:
  // All that the callers of a plan are made of. Secrets are told apart by address, which is why they are
  // kept.
  struct Source {
    resource::ObjectName plan;
    bool is_whole = false;  // the plan has no mistakes
    bool has_quota = false;
    std::set<std::string> limit_names;
    std::set<std::string> shared_limits;  // those of them that no caller has for itself
    std::vector<std::shared_ptr<const resource::ConsumerSecret>> secrets;  // oldest first

    bool operator==(const Source&) const = default;
  };

  // What the last compile made of it; null where that was something else.
  std::shared_ptr<const PlanConsumers> Find(const Source& source) const;
  // Forgets what is not among these.
  void Replace(std::vector<Source> sources, const ConsumerTable& table);

 private:
  std::map<resource::ObjectName, std::pair<Source, std::shared_ptr<const PlanConsumers>>> known_;
};

// An entry for each of the plans. A Secret whose plan is not among them is left alone: it may be another
// installation's, or the plan may be still to come.
ConsumerTable CompileConsumers(const store::ObjectMap<resource::ConsumerSecret>& secrets,
                               const store::ObjectMap<resource::ApiPlan>& plans,
                               ConsumerCache* cache = nullptr);

}  // namespace tollgate::compile
