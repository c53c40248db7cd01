// What was found while a route was compiled, and the conditions that it comes to. Pure; any thread.
#pragma once

#include <vector>

#include "controller/compile/conditions.h"
#include "controller/compile/host_claims.h"

namespace tollgate::compile {

struct RouteFindings {
  std::vector<resource::Mistake> object;           // outside any rule: nothing of the object is served
  std::vector<resource::Mistake> tls_conflict;     // at most one: likewise nothing of it is served
  std::vector<resource::Mistake> rules;            // of all rules
  size_t mistaken_rules = 0;                       // rules with a mistake of their own
  std::vector<UnresolvedRef> unresolved;           // certificates, edge token, plans, then Services
  std::vector<resource::Mistake> uncovered_hosts;  // that no certificate of the route names
  std::vector<resource::Mistake> without_endpoints;
  std::vector<resource::Mistake> too_many_endpoints;
  std::vector<resource::Mistake> broken_plans;  // named and found, but they admit nobody
  std::vector<RuleProblem> problems;            // for `status.problems`, not yet cut to its bound
};

// Accepted, PartiallyInvalid where it is true, ResolvedRefs.
std::vector<Condition> RouteConditions(const RouteFindings& findings, const RouteHosts& hosts,
                                       size_t rule_count);

}  // namespace tollgate::compile
