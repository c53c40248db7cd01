#include "controller/compile/compiler.h"

#include <map>

#include "controller/compile/assembly.h"
#include "controller/compile/certificates.h"
#include "controller/compile/consumers.h"
#include "controller/compile/host_claims.h"
#include "controller/compile/installation.h"
#include "controller/compile/plans.h"
#include "controller/compile/regexes.h"
#include "controller/compile/routes.h"
#include "controller/compile/settings.h"
#include "controller/compile/stray_secrets.h"
#include "controller/compile/upstreams.h"

namespace tollgate::compile {
namespace {

std::vector<CompiledRoute> CompileRoutes(const store::ObjectMap<resource::GatewayRoute>& routes,
                                         const RouteInputs& inputs, UpstreamTable& upstreams) {
  std::vector<CompiledRoute> compiled;
  compiled.reserve(routes.size());
  for (const auto& [name, route] : routes) compiled.push_back(CompileRoute(*route, inputs, upstreams));
  return compiled;
}

// Plans are compiled before the routes that name them; how many do is known only now.
void CountAttachedRoutes(const std::vector<CompiledRoute>& routes, PlanTable& plans) {
  std::map<std::string, size_t> counts;
  for (const CompiledRoute& compiled : routes) {
    if (!compiled.route) continue;
    for (const std::string& plan : compiled.route->plans()) ++counts[plan];
  }
  for (auto& [name, plan] : plans) plan.verdict.attached_routes = counts[name.ToString()];
}

}  // namespace

Compiled Compile(const store::ObjectSet& objects, const CompilerOptions& options, ConsumerCache* cache) {
  const store::ObjectSet ours = SelectInstallation(objects, options);
  const HostClaims hosts = ClaimHosts(ours.routes, options.open_hosts);
  const TlsConflicts tls_conflicts = FindTlsConflicts(ours.routes, hosts);
  const ConsumerTable consumers =
      KeepWithin(options.consumer_bounds, CompileConsumers(ours.consumer_secrets, ours.plans, cache));
  PlanTable plans = CompilePlans(ours.plans, consumers, options);
  const RegexTable regexes(ours.routes, options.most_regexes);
  UpstreamTable upstreams(ours);
  const std::vector<CompiledRoute> routes =
      CompileRoutes(ours.routes, {objects, options, hosts, tls_conflicts, plans, regexes}, upstreams);
  CountAttachedRoutes(routes, plans);
  const std::optional<api::Settings> settings = CompileSettings(objects.endpoint_slices, options);
  Compiled compiled =
      Assemble({routes, plans, consumers, upstreams, settings, objects.tls_secrets}, options.installation);
  compiled.stray_secrets = JudgeStraySecrets(objects);
  compiled.valid_until = NextExpiry(objects.tls_secrets, options.now);
  return compiled;
}

}  // namespace tollgate::compile
