#include "controller/compile/stray_secrets.h"

#include <utility>

#include "controller/compile/conditions.h"

namespace tollgate::compile {
namespace {

using resource::ConsumerSecret;

std::string Remedy(const std::string& space, const store::ObjectMap<resource::ApiPlan>& plans) {
  std::vector<std::string> names;
  for (auto at = plans.lower_bound({space, ""}); at != plans.end() && at->first.space == space; ++at) {
    names.push_back(at->first.name);
  }
  return names.empty() ? "create the plan, there is none in this namespace"
                       : "set it to a plan of this namespace (" + ListOf(names) + ")";
}

std::string Message(const ConsumerSecret& secret, const store::ObjectMap<resource::ApiPlan>& plans) {
  const std::string what = secret.plan.empty() ? "names no plan"
                                               : "names ApiPlan " + secret.meta.name.space + "/" +
                                                     secret.plan + ", which does not exist";
  return std::string("metadata.labels.") + resource::kPlanLabel + ": " + what +
         ", so the callers in this Secret are refused: " + Remedy(secret.meta.name.space, plans);
}

}  // namespace

std::vector<ObjectVerdict> JudgeStraySecrets(const store::ObjectSet& objects) {
  std::vector<ObjectVerdict> verdicts;
  for (const auto& [name, secret] : objects.consumer_secrets) {
    if (objects.plans.contains({name.space, secret->plan})) continue;
    ObjectVerdict& verdict = verdicts.emplace_back();
    verdict.kind = "Secret";
    verdict.name = name;
    verdict.conditions = {
        {condition::kResolvedRefs, false, reason::kRefNotFound, Message(*secret, objects.plans)}};
  }
  return verdicts;
}

}  // namespace tollgate::compile
