#include "controller/compile/plans.h"

#include "controller/compile/conditions.h"
#include "controller/compile/plan_terms.h"
#include "controller/compile/secret_access.h"

namespace tollgate::compile {
namespace {

using resource::ApiPlan;

std::string NobodyCanCall(const ApiPlan& plan) {
  return "The plan is valid, but nobody can call yet: create a Secret of type " +
         std::string(resource::kApiKeySecretType) + " in namespace " + plan.meta.name.space +
         " with the label " + resource::kPlanLabel + ": " + plan.meta.name.name;
}

Condition Accepted(const ApiPlan& plan, const PlanConsumers& consumers, const std::string& why_no_secrets) {
  if (!plan.mistakes.empty()) {
    return {condition::kAccepted, false, reason::kInvalid, Summarize(plan.mistakes)};
  }
  if (!consumers.too_many.empty()) {
    return {condition::kAccepted, false, reason::kInvalid, "The plan is refused: " + consumers.too_many};
  }
  const bool is_empty = consumers.resources.empty() && why_no_secrets.empty();
  return {condition::kAccepted, true, reason::kAccepted,
          is_empty ? NobodyCanCall(plan) : "The plan is valid"};
}

Condition ResolvedRefs(const std::string& why_no_secrets) {
  if (!why_no_secrets.empty()) {
    return {condition::kResolvedRefs, false, reason::kSecretAccessDenied, why_no_secrets};
  }
  return {condition::kResolvedRefs, true, reason::kResolvedRefs, "Every reference is resolved"};
}

Condition CredentialsSafe(const std::vector<std::string>& secrets_with_plain_keys) {
  if (secrets_with_plain_keys.empty()) {
    return {condition::kCredentialsSafe, true, reason::kDigestsOnly, "Keys are stored as digests alone"};
  }
  const std::string secrets = secrets_with_plain_keys.size() == 1 ? "Secret " : "Secrets ";
  return {condition::kCredentialsSafe, false, reason::kPlaintextKeys,
          "Keys stand in plain text, for whoever may read Secrets to use, in " + secrets +
              ListOf(secrets_with_plain_keys) + ": replace plain:<key> with sha256:<digest>"};
}

// Lines and keys that were refused are the part of a plan that is left out while the rest is served, which is
// what PartiallyInvalid says. Accepted and ResolvedRefs stay: among many thousand keys one that is mistyped
// must not make a plan look refused.
std::vector<Condition> PlanConditions(const ApiPlan& plan, const PlanConsumers& consumers,
                                      const std::string& why_no_secrets) {
  std::vector<Condition> conditions = {Accepted(plan, consumers, why_no_secrets)};
  if (!consumers.refused.empty()) {
    conditions.push_back(
        {condition::kPartiallyInvalid, true, reason::kInvalid, Summarize(consumers.refused)});
  }
  conditions.push_back(ResolvedRefs(why_no_secrets));
  conditions.push_back(CredentialsSafe(consumers.secrets_with_plain_keys));
  return conditions;
}

// Why the plan admits nobody; empty where it may.
std::string WhyBroken(const ApiPlan& plan, const PlanConsumers& consumers,
                      const std::string& why_no_secrets) {
  if (!plan.mistakes.empty()) return Summarize(plan.mistakes);
  return consumers.too_many.empty() ? why_no_secrets : consumers.too_many;
}

CompiledPlan CompilePlan(const ApiPlan& plan, const PlanConsumers& consumers,
                         const CompilerOptions& options) {
  const std::string why_no_secrets = WhyNoSecrets(plan.meta.name.space, options, "so nobody is admitted");
  CompiledPlan compiled{.plan = CompileTerms(plan), .verdict = {}};
  compiled.plan.set_broken(WhyBroken(plan, consumers, why_no_secrets));
  ObjectVerdict& verdict = compiled.verdict;
  verdict.kind = "ApiPlan";
  verdict.name = plan.meta.name;
  verdict.generation = plan.meta.generation;
  verdict.conditions = PlanConditions(plan, consumers, why_no_secrets);
  verdict.consumer_count = consumers.resources.size();
  verdict.when_store_is_down = compiled.plan.when_store_is_down();
  return compiled;
}

}  // namespace

PlanTable CompilePlans(const store::ObjectMap<ApiPlan>& plans, const ConsumerTable& consumers,
                       const CompilerOptions& options) {
  PlanTable table;
  for (const auto& [name, plan] : plans) {
    table.emplace(name, CompilePlan(*plan, *consumers.at(name), options));
  }
  return table;
}

}  // namespace tollgate::compile
