#include "cli/findings.h"

#include "api/base/log.h"
#include "controller/compile/conditions.h"

namespace tollgate::cli {
namespace {

using compile::Condition;
using compile::ObjectVerdict;

// True conditions that their reader has to act on all the same: nobody can call a plan, or a Service has
// nobody to answer.
bool Warns(const ObjectVerdict& verdict, const Condition& condition) {
  const bool is_empty_plan = verdict.kind == "ApiPlan" && verdict.consumer_count == 0;
  return condition.reason == compile::reason::kNoEndpoints ||
         (is_empty_plan && condition.type == compile::condition::kAccepted);
}

bool IsFinding(const ObjectVerdict& verdict, const Condition& condition) {
  const bool bad_when_true = condition.type == compile::condition::kPartiallyInvalid;
  return condition.status == bad_when_true || Warns(verdict, condition);
}

void AddVerdict(const ObjectVerdict& verdict, std::set<Finding>& findings) {
  for (const Condition& condition : verdict.conditions) {
    if (!IsFinding(verdict, condition)) continue;
    findings.insert(
        {verdict.kind, verdict.name.ToString(), condition.type, condition.reason, condition.message});
  }
}

// A plan speaks for the mistakes in its Secrets; for those that no plan takes in nobody does.
void AddStray(const ObjectVerdict& stray, const resource::ConsumerSecret& secret,
              std::set<Finding>& findings) {
  // That it names no plan is a mistake of its own.
  if (!secret.plan.empty()) AddVerdict(stray, findings);
  for (const resource::Mistake& mistake : secret.mistakes) {
    findings.insert({stray.kind, stray.name.ToString(), compile::condition::kAccepted,
                     compile::reason::kInvalid, mistake.field + ": " + mistake.message});
  }
}

}  // namespace

std::set<Finding> FindingsOf(const store::ObjectSet& objects, const compile::Compiled& compiled) {
  std::set<Finding> findings;
  for (const ObjectVerdict& verdict : compiled.verdicts) AddVerdict(verdict, findings);
  for (const ObjectVerdict& stray : compiled.stray_secrets) {
    AddStray(stray, *objects.consumer_secrets.at(stray.name), findings);
  }
  return findings;
}

void FindingLog::Report(std::set<Finding> findings) {
  for (const Finding& finding : findings) {
    if (known_.contains(finding)) continue;
    log::Warning(finding.message, {{"kind", finding.kind},
                                   {"object", finding.object},
                                   {"condition", finding.condition},
                                   {"reason", finding.reason}});
  }
  for (const Finding& finding : known_) {
    if (findings.contains(finding)) continue;
    log::Info("no longer so: " + finding.message,
              {{"kind", finding.kind}, {"object", finding.object}, {"condition", finding.condition}});
  }
  known_ = std::move(findings);
}

}  // namespace tollgate::cli
