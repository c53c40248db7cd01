#include "controller/compile/route_conditions.h"

namespace tollgate::compile {
namespace {

using resource::Mistake;

Mistake HostIsTaken(const LostHost& lost) {
  const std::string overlap = lost.host == lost.owner_host ? "" : " overlaps " + lost.owner_host + ", which";
  return {"spec.hosts", lost.host + overlap + " belongs to namespace " + lost.owner +
                            ", where an older object names it: name another host, or ask its owner"};
}

std::vector<Mistake> HostsTaken(const RouteHosts& hosts) {
  std::vector<Mistake> taken;
  for (const LostHost& lost : hosts.lost) taken.push_back(HostIsTaken(lost));
  return taken;
}

Condition NotAccepted(const char* why, const std::vector<Mistake>& mistakes) {
  return {condition::kAccepted, false, why, Summarize(mistakes)};
}

Condition Accepted(const RouteFindings& findings, const RouteHosts& hosts, size_t rule_count) {
  if (!findings.object.empty()) return NotAccepted(reason::kInvalid, findings.object);
  if (!findings.tls_conflict.empty()) return NotAccepted(reason::kTlsConflict, findings.tls_conflict);
  if (hosts.held.empty() && !hosts.lost.empty()) return NotAccepted(reason::kHostClaimed, HostsTaken(hosts));
  // As in Gateway API: an object none of whose rules can be served is not accepted, one with some that can
  // is.
  if (findings.mistaken_rules > 0 && findings.mistaken_rules == rule_count) {
    return NotAccepted(reason::kInvalid, findings.rules);
  }
  return {condition::kAccepted, true, reason::kAccepted, "The route is valid"};
}

std::vector<Condition> PartiallyInvalid(const RouteFindings& findings, const RouteHosts& hosts) {
  std::vector<Mistake> left_out = HostsTaken(hosts);
  const char* why = left_out.empty() ? reason::kInvalid : reason::kHostClaimed;
  left_out.insert(left_out.end(), findings.rules.begin(), findings.rules.end());
  if (left_out.empty()) return {};
  return {{condition::kPartiallyInvalid, true, why, Summarize(left_out)}};
}

Condition Unresolved(const std::vector<UnresolvedRef>& unresolved) {
  std::vector<Mistake> mistakes;
  for (const UnresolvedRef& ref : unresolved) mistakes.push_back(ref.mistake);
  return {condition::kResolvedRefs, false, unresolved.front().reason, Summarize(mistakes)};
}

Condition ResolvedRefs(const RouteFindings& findings) {
  if (!findings.unresolved.empty()) return Unresolved(findings.unresolved);
  // All are found, so the reference is resolved; the message warns of what callers will meet.
  std::vector<Mistake> warnings = findings.without_endpoints;
  warnings.insert(warnings.end(), findings.uncovered_hosts.begin(), findings.uncovered_hosts.end());
  warnings.insert(warnings.end(), findings.too_many_endpoints.begin(), findings.too_many_endpoints.end());
  warnings.insert(warnings.end(), findings.broken_plans.begin(), findings.broken_plans.end());
  if (warnings.empty()) {
    return {condition::kResolvedRefs, true, reason::kResolvedRefs, "Every reference is resolved"};
  }
  const char* why = findings.without_endpoints.empty() ? reason::kResolvedRefs : reason::kNoEndpoints;
  return {condition::kResolvedRefs, true, why, Summarize(warnings)};
}

}  // namespace

std::vector<Condition> RouteConditions(const RouteFindings& findings, const RouteHosts& hosts,
                                       size_t rule_count) {
  std::vector<Condition> conditions = {Accepted(findings, hosts, rule_count)};
  if (conditions.front().status) {
    for (Condition& partial : PartiallyInvalid(findings, hosts)) conditions.push_back(std::move(partial));
  }
  conditions.push_back(ResolvedRefs(findings));
  return conditions;
}

}  // namespace tollgate::compile
