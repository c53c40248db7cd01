#include "proxy/forward/probe_plan.h"

#include <utility>

namespace tollgate::forward {
namespace {

using std::chrono::milliseconds;

// What an endpoint is asked for where the rule does not say: as kubelets do.
std::string HostOf(const api::Target& target) {
  if (!target.rewrite_host().empty()) return target.rewrite_host();
  return target.has_tls() ? target.tls().server_name() : "";
}

// No part can run into the next: none holds a NUL. Terms of TLS are told apart by where they are, which holds
// as long as a probe has them.
std::string KeyOf(const ProbeTerms& terms) {
  std::string key = terms.path;
  for (const std::string& part :
       {terms.host, std::to_string(terms.interval.count()), std::to_string(terms.timeout.count()),
        std::to_string(terms.unhealthy_after), std::to_string(terms.healthy_after),
        std::to_string(reinterpret_cast<uintptr_t>(terms.tls.get()))}) {
    key.append(1, '\0').append(part);
  }
  return key;
}

ProbeTerms TermsOf(const api::ActiveHealth& health, const api::Target& target, TlsTerms tls) {
  ProbeTerms terms{health.path(),
                   HostOf(target),
                   std::move(tls),
                   milliseconds(health.interval_ms()),
                   milliseconds(health.timeout_ms()),
                   health.unhealthy_after(),
                   health.healthy_after()};
  terms.key = KeyOf(terms);
  return terms;
}

}  // namespace

ProbePlan::ProbePlan(const snapshot::Catalog& catalog, const UpstreamTlsTable& tls) {
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    if (!rule.spec->has_active_health()) continue;
    for (int i = 0; i < rule.spec->targets_size(); ++i) {
      const api::Target& target = rule.spec->targets(i);
      TlsTerms terms = tls.Find(target);
      if (target.has_tls() && terms == nullptr) continue;  // nothing may be sent there
      upstreams_.push_back({rule.upstreams[static_cast<size_t>(i)],
                            TermsOf(rule.spec->active_health(), target, std::move(terms))});
    }
  }
}

}  // namespace tollgate::forward
