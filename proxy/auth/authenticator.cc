#include "proxy/auth/authenticator.h"

#include <algorithm>

#include "proxy/auth/credential_reader.h"

namespace tollgate::auth {

using exchange::Error;
using exchange::Identity;
using exchange::Problem;

// What the credentials of a request came to so far.
struct Authenticator::Finding {
  std::optional<Identity> identity;
  bool credential_seen = false;
  bool plan_broken = false;
  bool elsewhere = false;         // the key proves somebody, on a plan that is not the route's
  std::string_view refusal = {};  // why a key of one of the route's plans does not count
};

namespace {

Error Refuse(Problem problem, std::string detail, std::string_view reason) {
  return {.problem = problem, .detail = std::move(detail), .reason = reason};
}

bool Covers(std::string_view pattern, std::string_view operation) {
  if (pattern.ends_with('*')) return operation.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == operation;
}

bool Grants(const api::Plan& plan, std::string_view operation) {
  const auto& granted = plan.allow_operations();
  return plan.allow_all_operations() || std::any_of(granted.begin(), granted.end(), [&](const auto& pattern) {
           return Covers(pattern, operation);
         });
}

}  // namespace

void Authenticator::Examine(snapshot::PlanIndex plan, std::string_view key, WallMicros now,
                            Finding& finding) const {
  finding.credential_seen = true;
  for (const KeyTable::Holder& holder : keys_.Find(Sha256(key))) {
    if (holder.plan != plan) {
      finding.elsewhere = true;
    } else if (holder.consumer->suspended()) {
      finding.refusal = "suspended";
    } else if (holder.expires_us != 0 && holder.expires_us <= now) {
      finding.refusal = "expired";
    } else {
      finding.identity = Identity{&catalog_.plans()[plan], plan, holder.consumer};
      return;
    }
  }
}

exchange::Outcome<Identity> Authenticator::Identify(const exchange::Routed& routed,
                                                    const http::Fields& fields, std::string_view query,
                                                    WallMicros now, exchange::Arena& arena) const {
  const api::Access access = routed.route->spec.access();
  if (access == api::ACCESS_PUBLIC) return Identity{};
  if (access != api::ACCESS_PLANS) {  // unspecified, or of a release to come
    return Refuse(Problem::kRuleBroken,
                  "The access to this route is not configured; its owner finds the reason in the status of "
                  "the GatewayRoute.",
                  "access-unspecified");
  }
  Finding finding;
  for (const snapshot::PlanIndex index : routed.route->plans) {
    const api::Plan& plan = catalog_.plans()[index].spec;
    if (!plan.broken().empty()) {
      finding.plan_broken = true;
      continue;
    }
    for (const api::KeyLocation& location : plan.key_locations()) {
      if (const auto key = ReadKey(location, fields, query, arena)) Examine(index, *key, now, finding);
      if (finding.identity) return *finding.identity;
    }
  }
  if (!finding.refusal.empty()) {
    return Refuse(Problem::kCredentialRefused, "The API key is not accepted.", finding.refusal);
  }
  // A broken plan may be the one that would have admitted this caller: that is the owner's fault, not theirs.
  if (finding.plan_broken || routed.route->plans.empty()) {
    return Refuse(Problem::kPlanBroken,
                  "The plan of this route is broken or missing; its owner finds the reason in the status of "
                  "the GatewayRoute and the ApiPlan.",
                  finding.plan_broken ? "plan-broken" : "no-plan");
  }
  if (finding.elsewhere) {
    return Refuse(Problem::kNotOnPlan, "The API key belongs to no plan of this route.", "not-on-plan");
  }
  if (finding.credential_seen) {
    return Refuse(Problem::kCredentialRefused, "The API key is not accepted.", "unknown");
  }
  return Refuse(Problem::kNoCredential, "This route needs an API key.", "no-credential");
}

exchange::Outcome<exchange::Permitted> Entitle(const exchange::Routed& routed, const Identity& identity) {
  const bool is_public = routed.route->spec.access() == api::ACCESS_PUBLIC;
  if (is_public ||
      (identity.plan != nullptr && Grants(identity.plan->spec, routed.rule->spec->operation()))) {
    return exchange::Permitted{routed, identity};
  }
  return Refuse(Problem::kOperationNotAllowed,
                "The plan does not include the operation \"" + routed.rule->spec->operation() + "\".",
                "operation-not-allowed");
}

}  // namespace tollgate::auth
