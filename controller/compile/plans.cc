#include "controller/compile/plans.h"

#include <algorithm>

#include "controller/compile/conditions.h"
#include "controller/compile/plan_terms.h"

namespace tollgate::compile {
namespace {

using resource::ApiPlan;

bool SecretsAreDenied(const ApiPlan& plan, const CompilerOptions& options) {
  const auto& denied = options.secrets_denied_in;
  return std::find(denied.begin(), denied.end(), plan.meta.name.space) != denied.end();
}

std::string SecretsDenied(const ApiPlan& plan, const CompilerOptions& options) {
  return "the Secrets of namespace " + plan.meta.name.space +
         " may not be read, so nobody is admitted: create the RoleBinding " + options.installation +
         "-secrets there, to a role by which the controller can get, list and watch Secrets";
}

std::string NobodyCanCall(const ApiPlan& plan) {
  return "The plan is valid, but nobody can call yet: create a Secret of type " +
         std::string(resource::kApiKeySecretType) + " in namespace " + plan.meta.name.space +
         " with the label " + resource::kPlanLabel + ": " + plan.meta.name.name;
}

Condition Accepted(const ApiPlan& plan, size_t consumer_count, bool denied) {
  if (!plan.mistakes.empty()) {
    return {condition::kAccepted, false, reason::kInvalid, Summarize(plan.mistakes)};
  }
  const bool is_empty = consumer_count == 0 && !denied;
  return {condition::kAccepted, true, reason::kAccepted,
          is_empty ? NobodyCanCall(plan) : "The plan is valid"};
}

Condition ResolvedRefs(const ApiPlan& plan, const CompilerOptions& options, bool denied) {
  if (denied) {
    return {condition::kResolvedRefs, false, reason::kSecretAccessDenied, SecretsDenied(plan, options)};
  }
  return {condition::kResolvedRefs, true, reason::kResolvedRefs, "Every reference is resolved"};
}

Condition CredentialsSafe(const std::vector<std::string>& secrets_with_plain_keys) {
  if (secrets_with_plain_keys.empty()) {
    return {condition::kCredentialsSafe, true, reason::kDigestsOnly, "Keys are stored as digests alone"};
  }
  return {condition::kCredentialsSafe, false, reason::kPlaintextKeys,
          "Keys stand in plain text, for whoever may read Secrets to use, in " +
              ListOf(secrets_with_plain_keys) + ": replace plain:<key> with sha256:<digest>"};
}

// Lines and keys that were refused are the part of a plan that is left out while the rest is served, which is
// what PartiallyInvalid says. Accepted and ResolvedRefs stay: among many thousand keys one that is mistyped
// must not make a plan look refused.
std::vector<Condition> PlanConditions(const ApiPlan& plan, const PlanConsumers& consumers,
                                      const CompilerOptions& options) {
  const bool denied = SecretsAreDenied(plan, options);
  std::vector<Condition> conditions = {Accepted(plan, consumers.consumers.size(), denied)};
  if (!consumers.refused.empty()) {
    conditions.push_back(
        {condition::kPartiallyInvalid, true, reason::kInvalid, Summarize(consumers.refused)});
  }
  conditions.push_back(ResolvedRefs(plan, options, denied));
  conditions.push_back(CredentialsSafe(consumers.secrets_with_plain_keys));
  return conditions;
}

// Why the plan admits nobody; empty where it does.
std::string Broken(const ApiPlan& plan, const CompilerOptions& options) {
  if (!plan.mistakes.empty()) return Summarize(plan.mistakes);
  return SecretsAreDenied(plan, options) ? SecretsDenied(plan, options) : "";
}

CompiledPlan CompilePlan(const ApiPlan& plan, const PlanConsumers& consumers,
                         const CompilerOptions& options) {
  CompiledPlan compiled{.plan = CompileTerms(plan), .verdict = {}};
  compiled.plan.set_broken(Broken(plan, options));
  ObjectVerdict& verdict = compiled.verdict;
  verdict.kind = "ApiPlan";
  verdict.name = plan.meta.name;
  verdict.generation = plan.meta.generation;
  verdict.conditions = PlanConditions(plan, consumers, options);
  verdict.consumer_count = consumers.consumers.size();
  return compiled;
}

}  // namespace

PlanTable CompilePlans(const store::ObjectMap<ApiPlan>& plans, const ConsumerTable& consumers,
                       const CompilerOptions& options) {
  PlanTable table;
  for (const auto& [name, plan] : plans) {
    table.emplace(name, CompilePlan(*plan, consumers.at(name), options));
  }
  return table;
}

}  // namespace tollgate::compile
