#include "controller/compile/assembly.h"

#include <set>
#include <utility>

#include "api/snapshot_hash.h"
#include "controller/compile/certificates.h"

namespace tollgate::compile {
namespace {

std::set<std::string> UpstreamsOf(const std::vector<CompiledRoute>& routes) {
  std::set<std::string> names;
  for (const CompiledRoute& compiled : routes) {
    if (!compiled.route) continue;
    for (const api::Rule& rule : compiled.route->rules()) {
      for (const api::Target& target : rule.targets()) names.insert(target.upstream());
      if (rule.has_mirror()) names.insert(rule.mirror().target().upstream());
    }
  }
  return names;
}

// That targets are shown.
void AddClientCertificates(const api::Route& route, std::set<std::string>& names) {
  for (const api::Rule& rule : route.rules()) {
    for (const api::Target& target : rule.targets()) {
      if (!target.tls().client_certificate().empty()) names.insert(target.tls().client_certificate());
    }
  }
}

std::set<std::string> CertificatesOf(const std::vector<CompiledRoute>& routes) {
  std::set<std::string> names;
  for (const CompiledRoute& compiled : routes) {
    if (!compiled.route) continue;
    for (const std::string& name : compiled.route->tls().certificates()) names.insert(name);
    AddClientCertificates(*compiled.route, names);
  }
  return names;
}

void AddRoutes(const std::vector<CompiledRoute>& routes, api::Snapshot& snapshot) {
  for (const CompiledRoute& compiled : routes) {
    if (!compiled.route) continue;
    *snapshot.add_resources() =
        api::MakeResource(api::ROUTE, compiled.verdict.name.ToString(), *compiled.route);
  }
}

void AddPlans(const PlanTable& plans, api::Snapshot& snapshot) {
  for (const auto& [name, plan] : plans) {
    *snapshot.add_resources() = api::MakeResource(api::PLAN, name.ToString(), plan.plan);
  }
}

void AddConsumers(const ConsumerTable& table, api::Snapshot& snapshot) {
  for (const auto& [plan, consumers] : table) {
    for (const api::Resource& consumer : consumers->resources) *snapshot.add_resources() = consumer;
  }
}

std::vector<ObjectVerdict> VerdictsOf(const PlanTable& plans, const std::vector<CompiledRoute>& routes) {
  std::vector<ObjectVerdict> verdicts;  // "ApiPlan" sorts before "GatewayRoute"
  for (const auto& [name, plan] : plans) verdicts.push_back(plan.verdict);
  for (const CompiledRoute& route : routes) verdicts.push_back(route.verdict);
  return verdicts;
}

}  // namespace

Compiled Assemble(const CompiledParts& parts, const std::string& installation) {
  Compiled compiled;
  compiled.verdicts = VerdictsOf(parts.plans, parts.routes);
  compiled.snapshot.set_schema(api::kSnapshotSchema);
  compiled.snapshot.set_installation(installation);
  AddRoutes(parts.routes, compiled.snapshot);
  AddPlans(parts.plans, compiled.snapshot);
  AddConsumers(parts.consumers, compiled.snapshot);
  parts.upstreams.AddTo(compiled.snapshot, UpstreamsOf(parts.routes));
  if (parts.settings) {
    *compiled.snapshot.add_resources() =
        api::MakeResource(api::SETTINGS, api::kSettingsName, *parts.settings);
  }
  AddCertificates(parts.certificates, CertificatesOf(parts.routes), compiled.snapshot);
  api::SealSnapshot(compiled.snapshot);
  return compiled;
}

}  // namespace tollgate::compile
