#include "controller/compile/routes.h"

#include <algorithm>
#include <set>

#include "api/snapshot_bounds.h"
#include "controller/compile/cors.h"
#include "controller/compile/route_conditions.h"
#include "controller/compile/rules.h"
#include "controller/compile/security.h"

namespace tollgate::compile {
namespace {

using resource::Access;
using resource::GatewayRoute;
using resource::Mistake;
using resource::ObjectName;

// Whether the hosts are those that the author wrote: no mistake in them, or in what they stand in.
bool HostsAreReadable(const GatewayRoute& route) {
  return std::none_of(route.mistakes.begin(), route.mistakes.end(), [](const Mistake& mistake) {
    return mistake.field.empty() || mistake.field == "spec" || mistake.field.starts_with("spec.hosts");
  });
}

std::vector<Mistake> ObjectMistakes(const GatewayRoute& route, const CompilerOptions& options) {
  std::vector<Mistake> mistakes = route.mistakes;
  if (route.hosts.empty() && HostsAreReadable(route) && !options.open_hosts) {
    mistakes.push_back({"spec.hosts",
                        "is empty, but every host belongs to a namespace here: name the hosts that the route"
                        " serves, or run the installation with --host-policy=Open"});
  }
  return mistakes;
}

UnresolvedRef NoSuchPlan(const std::string& field, const ObjectName& plan, const RouteInputs& inputs) {
  const std::string remedy =
      inputs.objects.plans.contains(plan)
          ? " is served by another installation: name a plan of installation " + inputs.options.installation
          : " does not exist: create it, or name another plan";
  return {reason::kRefNotFound, {field, "ApiPlan " + plan.ToString() + remedy}};
}

// A plan that is missing leaves a gap in the list and nothing else: the route still admits only callers of
// the plans that are left, and nobody where none is.
void AddPlans(const GatewayRoute& route, const RouteInputs& inputs, api::Route& compiled,
              RouteFindings& findings) {
  std::set<std::string> named;
  for (size_t i = 0; i < route.plans.size(); ++i) {
    const ObjectName name{route.meta.name.space, route.plans[i]};
    if (!named.insert(name.name).second) continue;
    const std::string field = "spec.plans[" + std::to_string(i) + "]";
    const auto plan = inputs.plans.find(name);
    if (plan == inputs.plans.end()) {
      findings.unresolved.push_back(NoSuchPlan(field, name, inputs));
      continue;
    }
    compiled.add_plans(name.ToString());
    if (!plan->second.plan.broken().empty()) {
      findings.broken_plans.push_back(
          {field, "ApiPlan " + name.ToString() + " admits nobody: its own conditions say why"});
    }
  }
}

void AddAccess(const GatewayRoute& route, const RouteInputs& inputs, api::Route& compiled,
               RouteFindings& findings) {
  if (route.access == Access::kPublic) {
    compiled.set_access(api::ACCESS_PUBLIC);
    return;
  }
  compiled.set_access(api::ACCESS_PLANS);
  AddPlans(route, inputs, compiled, findings);
}

void AddErrorTemplates(const GatewayRoute& route, api::Route& compiled) {
  std::vector<resource::ErrorTemplate> templates = route.error_templates;
  std::sort(templates.begin(), templates.end(),
            [](const auto& a, const auto& b) { return a.problem < b.problem; });
  for (const resource::ErrorTemplate& item : templates) {
    api::ErrorTemplate& added = *compiled.add_errors();
    added.set_slug(item.problem);
    added.set_content_type(item.content_type);
    added.set_body(item.body);
  }
}

// Moves what was found in one rule to what was found in its route.
void Note(const std::string& rule_name, CompiledRule rule, RouteFindings& findings) {
  if (!rule.mistakes.empty()) ++findings.mistaken_rules;
  for (Mistake& mistake : rule.mistakes) {
    findings.problems.push_back({rule_name, mistake.field, mistake.message});
    findings.rules.push_back(std::move(mistake));
  }
  for (UnresolvedRef& ref : rule.unresolved) {
    findings.problems.push_back({rule_name, ref.mistake.field, ref.mistake.message});
    findings.unresolved.push_back(std::move(ref));
  }
  for (Mistake& warning : rule.without_endpoints) findings.without_endpoints.push_back(std::move(warning));
  for (Mistake& warning : rule.too_many_endpoints) findings.too_many_endpoints.push_back(std::move(warning));
}

// A rule whose matches cannot be read leaves the route broken for whatever its other rules do not match.
void AddRules(const GatewayRoute& route, const RouteInputs& inputs, UpstreamTable& upstreams,
              api::Route& compiled, RouteFindings& findings) {
  std::vector<Mistake> unreadable;
  for (size_t i = 0; i < route.rules.size(); ++i) {
    CompiledRule rule = CompileRule(route, i, inputs, upstreams);
    if (rule.rule) {
      *compiled.add_rules() = *std::move(rule.rule);
    } else {
      unreadable.insert(unreadable.end(), rule.mistakes.begin(), rule.mistakes.end());
    }
    Note(route.rules[i].name, std::move(rule), findings);
  }
  if (!unreadable.empty()) compiled.set_broken(Summarize(unreadable));
}

api::Route Identity(const GatewayRoute& route, const RouteHosts& hosts) {
  api::Route compiled;
  compiled.set_namespace_(route.meta.name.space);
  compiled.set_name(route.meta.name.name);
  compiled.set_created(route.meta.created);
  for (const std::string& host : hosts.held) compiled.add_hosts(host);
  return compiled;
}

// A route without hosts stands for every host, so one that merely lost its hosts, or whose hosts cannot be
// read, must not reach a proxy: it would answer in place of everybody else.
bool HasHostsToAnswerFor(const GatewayRoute& route, const RouteHosts& hosts, const CompilerOptions& options) {
  if (!hosts.held.empty()) return true;
  return options.open_hosts && route.hosts.empty() && HostsAreReadable(route);
}

// A route is one resource. Its rules are many, and each of their strings may be long.
void CheckSize(const api::Route& route, std::vector<Mistake>& mistakes) {
  const size_t bytes = route.ByteSizeLong();
  if (bytes <= api::kResourceBytes) return;
  mistakes.push_back({"spec.rules", "take " + std::to_string(bytes) +
                                        " bytes of configuration, more than the " +
                                        std::to_string(api::kResourceBytes) +
                                        " that one route may take: divide them among several GatewayRoutes"});
}

void AddTransport(const GatewayRoute& route, const RouteInputs& inputs, api::Route& compiled,
                  RouteFindings& findings) {
  const auto conflict = inputs.tls_conflicts.find(route.meta.name);
  if (conflict == inputs.tls_conflicts.end()) {
    AddTls(route, inputs.objects, inputs.options, compiled, findings);
  } else {
    findings.tls_conflict = {Describe(conflict->second)};
  }
}

// Its access stays unspecified, which admits nobody, and none of its rules is served. Its hosts keep their
// terms of TLS, under which its siblings are served.
void Refuse(const std::vector<Mistake>& mistakes, api::Route& route) {
  route.clear_access();
  route.clear_plans();
  route.clear_rules();
  route.set_broken(Summarize(mistakes));
}

size_t CountServed(const std::optional<api::Route>& route) {
  if (!route) return 0;
  const auto serves = [](const api::Rule& rule) { return rule.broken().empty(); };
  return static_cast<size_t>(std::count_if(route->rules().begin(), route->rules().end(), serves));
}

ObjectVerdict Judge(const GatewayRoute& route, RouteFindings findings, const RouteHosts& hosts) {
  ObjectVerdict verdict;
  verdict.kind = "GatewayRoute";
  verdict.name = route.meta.name;
  verdict.generation = route.meta.generation;
  verdict.conditions = RouteConditions(findings, hosts, route.rules.size());
  verdict.problems = std::move(findings.problems);
  if (verdict.problems.size() > kMostProblems) verdict.problems.resize(kMostProblems);
  verdict.hosts = hosts.held;
  return verdict;
}

}  // namespace

CompiledRoute CompileRoute(const GatewayRoute& route, const RouteInputs& inputs, UpstreamTable& upstreams) {
  const RouteHosts& hosts = inputs.hosts.at(route.meta.name);
  RouteFindings findings;
  findings.object = ObjectMistakes(route, inputs.options);
  api::Route compiled = Identity(route, hosts);
  AddTransport(route, inputs, compiled, findings);
  AddSecurity(route, inputs.objects, inputs.options, inputs.regexes, compiled, findings);
  if (route.cors) *compiled.mutable_cors() = CompileCors(*route.cors);
  AddErrorTemplates(route, compiled);
  if (findings.object.empty()) AddAccess(route, inputs, compiled, findings);
  // The rules of a refused object are judged too, so that its author sees all mistakes at once.
  AddRules(route, inputs, upstreams, compiled, findings);
  CheckSize(compiled, findings.object);
  if (!findings.tls_conflict.empty()) Refuse(findings.tls_conflict, compiled);
  if (!findings.object.empty()) Refuse(findings.object, compiled);

  CompiledRoute result;
  if (HasHostsToAnswerFor(route, hosts, inputs.options)) result.route = std::move(compiled);
  result.verdict = Judge(route, std::move(findings), hosts);
  result.verdict.rule_count = CountServed(result.route);
  return result;
}

}  // namespace tollgate::compile
