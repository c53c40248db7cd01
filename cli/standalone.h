// The gateway of one process: a folder of manifests, the controller's compiler and the proxy's data plane,
// with nothing in between. One thread, besides the gateway's own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "cli/findings.h"
#include "controller/compile/compiler.h"
#include "proxy/admin/gateway_pages.h"
#include "proxy/admin/operator_port.h"
#include "proxy/net/drain.h"
#include "proxy/net/gateway.h"

namespace tollgate::cli {

struct StandaloneOptions {
  std::vector<std::string> paths;
  net::GatewayOptions gateway;
  io::Address metrics_address;
  admin::OperatorOptions operators;
  compile::CompilerOptions compiler;
};

class Standalone {
 public:
  // Reads the folder, compiles it and opens every port that it does not inherit; callers are served from
  // Start() on. `replaces`: another process serves until then. What is wrong with the files goes to stderr, a
  // line each; the Fault sums it up.
  static Result<std::unique_ptr<Standalone>> Open(const StandaloneOptions& options, const WallClock& clock,
                                                  takeover::Inheritance& inheritance, bool replaces);

  // Reads the folder again. A refused apply changes nothing: what was read before serves on.
  void Reload();

  // All that takes time and needs no caller.
  void Prepare() { gateway_->Prepare(); }
  void Start();
  // What another process would take over.
  std::vector<takeover::Listener> Listeners() const;
  const admin::OperatorPort& operators() const { return *operators_; }
  void Drain(const net::DrainTerms& terms);
  const net::Gateway& gateway() const { return *gateway_; }
  const io::Address& metrics_address() const { return admin_->local(); }

 private:
  Standalone(const StandaloneOptions& options, const WallClock& clock) : options_(options), clock_(clock) {}
  Status<> Apply();

  const StandaloneOptions options_;
  const WallClock& clock_;
  std::unique_ptr<net::Gateway> gateway_;
  std::unique_ptr<admin::AdminServer> admin_;
  std::optional<admin::OperatorPort> operators_;
  std::string applied_;  // version of the snapshot that serves
  FindingLog findings_;
};

}  // namespace tollgate::cli
