// A gateway of its own for a test: `tollgatectl run` on a temporary folder, every port chosen by the kernel.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/kit/http_client.h"
#include "tests/kit/process.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::kit {

class Gateway {
 public:
  // Write manifests first, then Start.
  TempFolder manifests;

  Gateway& Write(const std::string& name, const std::string& yaml);
  // Writes a Service "name" in `space` with one endpoint: the port of an upstream on loopback.
  Gateway& WriteService(const std::string& space, const std::string& name, int port);
  // False when it ended instead of serving; Stderr() says why.
  bool Start(const std::vector<std::string>& flags = {});
  // Starts another process beside it, which is this gateway's from then on. Gives the one before.
  std::unique_ptr<Process> Succeed(const std::vector<std::string>& flags);

  int port() { return ports_["http"]; }
  int https_port() { return ports_["https"]; }
  int metrics_port() { return ports_["metrics"]; }
  int admin_port() { return ports_["admin"]; }
  Process& process() { return *process_; }
  std::string Stderr() const { return process_->Stderr(); }
  std::string AccessLog() const { return state_.Read("access.log"); }
  // The value of a metric by its name and labels as they stand in the text, or -1.
  double Metric(const std::string& series);

 private:
  TempFolder state_;
  std::unique_ptr<Process> process_;
  std::map<std::string, int> ports_;
};

// A public route in namespace "test" for every path of a host.
std::string PublicRoute(const std::string& host, const std::string& service = "upstream");

}  // namespace tollgate::kit
