// What tollgate-proxy is told at its start. Main thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/base/flags.h"
#include "proxy/admin/operator_port.h"
#include "proxy/net/gateway.h"
#include "proxy/net/load_flags.h"
#include "proxy/net/name_flags.h"
#include "proxy/net/store_flags.h"
#include "proxy/net/trace_flags.h"
#include "proxy/snapshot/receiver.h"

namespace tollgate {

// As they stand on the command line; the defaults are those that --help shows.
struct ProxyFlags {
  ProxyFlags();
  void AddTo(FlagSet& set);

  std::string http_address = ":8080";
  std::string https_address = ":8443";
  std::string metrics_address = ":9090";
  bool proxy_protocol = false;
  unsigned threads;
  unsigned trusted_hops = 0;
  std::string access_log = "-";
  std::vector<std::string> controllers;
  snapshot::TlsFiles tls;
  std::string state_dir;
  std::string installation = "tollgate";
  std::string proxy_name;
  net::StoreFlags stores;
  net::LoadFlags load;
  net::NameFlags names;
  net::TraceFlags traces;
  admin::OperatorFlags operators;
  std::chrono::milliseconds drain_grace{5'000};
  std::chrono::milliseconds drain_timeout{30'000};
  std::string port_file;
  std::string takeover_socket;
};

// The same, understood.
struct ProxyOptions {
  net::GatewayOptions gateway;
  io::Address metrics_address;
  admin::OperatorOptions operators;
  snapshot::ReceiverOptions receiver;  // without version, apply and keep
};

// The sentence names the flag.
Result<ProxyOptions> ReadFlags(const ProxyFlags& flags);

}  // namespace tollgate
