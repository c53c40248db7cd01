// A user's mistake, or the absence of one, as a status condition. Plain data; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/resource/object.h"

namespace tollgate::compile {

// Kubernetes API conventions, "Typical status properties": written on transitions, by the status writer,
// which adds observedGeneration and lastTransitionTime.
struct Condition {
  std::string type;  // "Accepted", "ResolvedRefs", …
  bool status = true;
  std::string reason;   // CamelCase
  std::string message;  // one sentence that names the field and the remedy

  bool operator==(const Condition&) const = default;
};

// A mistake inside one rule, for the route's `status.problems`.
struct RuleProblem {
  std::string rule;
  std::string field;
  std::string message;

  bool operator==(const RuleProblem&) const = default;
};

// The bound of `status.problems` in crds/gatewayroutes.tollgate.dev.yaml.
inline constexpr size_t kMostProblems = 16;

// What the compiler has to say about one object.
struct ObjectVerdict {
  std::string kind;  // "GatewayRoute" or "ApiPlan"
  resource::ObjectName name;
  int64_t generation = 0;
  std::vector<Condition> conditions;  // in the order in which api.md names them
  std::vector<RuleProblem> problems;  // GatewayRoute only, at most kMostProblems
  std::vector<std::string> hosts;     // GatewayRoute: the hosts that it holds
  size_t rule_count = 0;              // GatewayRoute: the rules that are served
  size_t consumer_count = 0;          // ApiPlan only
  size_t attached_routes = 0;         // ApiPlan only
  api::WhenStoreIsDown when_store_is_down = api::WHEN_STORE_IS_DOWN_UNSPECIFIED;  // ApiPlan only

  bool operator==(const ObjectVerdict&) const = default;
};

}  // namespace tollgate::compile
