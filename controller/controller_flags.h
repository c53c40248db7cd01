// What tollgate-controller is told at its start. Main thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/base/flags.h"

namespace tollgate {

// As they stand on the command line; the defaults are those that --help shows.
struct ControllerFlags {
  void AddTo(FlagSet& set);

  std::string kubeconfig;
  std::string installation = "tollgate";
  bool default_installation = true;
  std::vector<std::string> namespaces;
  std::vector<std::string> secret_namespaces;
  std::string push_address = ":9443";
  std::vector<std::string> push_names;
  std::string push_tls_dir;
  std::string metrics_address = ":9090";
  std::string host_policy = "Owned";
  std::chrono::milliseconds quiet_period{20};
  std::chrono::milliseconds quiet_cap{250};
  std::chrono::milliseconds refusal_patience{30'000};
  std::string port_file;
};

}  // namespace tollgate
