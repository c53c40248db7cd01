// What tollgate-controller is told at its start. Main thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/base/flags.h"
#include "api/base/result.h"
#include "controller/resource/object.h"

namespace tollgate {

// As they stand on the command line; the defaults are those that --help shows.
struct ControllerFlags {
  void AddTo(FlagSet& set);
  // Whether the values can be meant: to be asked before anything is opened. The sentence names the flag.
  Status<> Check() const;

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
  std::string proxy_service;
  std::chrono::milliseconds quiet_period{20};
  std::chrono::milliseconds quiet_cap{250};
  std::chrono::milliseconds refusal_patience{30'000};
  std::string port_file;

  bool open_hosts() const;
  // The Service that --proxy-service names, of a value that Check() let pass.
  std::optional<resource::ObjectName> proxies() const;
};

}  // namespace tollgate
