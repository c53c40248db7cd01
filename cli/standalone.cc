#include "cli/standalone.h"

#include <cstdio>

#include "api/base/digest.h"
#include "api/base/log.h"
#include "cli/manifest_folder.h"

namespace tollgate::cli {

Result<std::unique_ptr<Standalone>> Standalone::Open(const StandaloneOptions& options, const WallClock& clock,
                                                     takeover::Inheritance& inheritance, bool replaces) {
  std::unique_ptr<Standalone> standalone(new Standalone(options, clock));
  auto gateway = net::Gateway::Open(options.gateway, clock, inheritance);
  if (!gateway.ok()) return gateway.error();
  standalone->gateway_ = std::move(*gateway);
  if (const Status<> applied = standalone->Apply(); !applied.ok()) return applied.error();
  auto admin = admin::AdminServer::Open(options.metrics_address, admin::GatewayPages(*standalone->gateway_),
                                        inheritance.Take(takeover::kMetrics, options.metrics_address));
  if (!admin.ok()) return admin.error();
  standalone->admin_ = std::move(*admin);
  auto operators = admin::OperatorPort::Open(options.operators, *standalone->gateway_, inheritance, replaces);
  if (!operators.ok()) return operators.error();
  standalone->operators_ = *std::move(operators);
  return standalone;
}

void Standalone::Start() {
  gateway_->Start();
  admin_->Start();
  operators_->Start();
}

std::vector<takeover::Listener> Standalone::Listeners() const {
  std::vector<takeover::Listener> listeners = admin::Listeners(*gateway_, *admin_);
  operators_->AppendTo(listeners);
  return listeners;
}

void Standalone::Drain(const net::DrainTerms& terms) {
  if (terms.handed_over) {
    admin_->StopAccepting();
    operators_->StopAccepting();
  }
  net::Drain(*gateway_, terms);
}

Status<> Standalone::Apply() {
  const auto objects = ReadFolder(options_.paths);
  if (!objects.ok()) {
    for (const std::string& mistake : objects.error()) std::fprintf(stderr, "%s\n", mistake.c_str());
    const size_t mistakes = objects.error().size();
    return Fault{"the manifests are refused (" + std::to_string(mistakes) +
                 (mistakes == 1 ? " mistake" : " mistakes") + ", listed above); mend the files named"};
  }
  compile::CompilerOptions compiler = options_.compiler;
  compiler.now = clock_.Now() / 1'000'000;
  const compile::Compiled compiled = compile::Compile(*objects, compiler);
  const bool is_new = compiled.snapshot.version() != applied_;
  if (is_new) {
    if (const Status<> applied = gateway_->Apply(compiled.snapshot); !applied.ok()) return applied;
    applied_ = compiled.snapshot.version();
  }
  // Also where the snapshot is the same: a mistake may leave no trace in it.
  findings_.Report(FindingsOf(*objects, compiled));
  if (!is_new) return Done{};
  log::Info("serving a new configuration", {{"snapshot", ToHex(applied_).substr(0, 12)},
                                            {"routes", std::to_string(objects->routes.size())},
                                            {"plans", std::to_string(objects->plans.size())}});
  return Done{};
}

void Standalone::Reload() {
  if (const Status<> applied = Apply(); !applied.ok()) {
    log::Error("the change is refused, the configuration before it serves on: " + applied.error().message);
  }
}

}  // namespace tollgate::cli
