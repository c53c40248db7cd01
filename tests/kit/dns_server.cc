#include "tests/kit/dns_server.h"

#include <csignal>
#include <sstream>
#include <stdexcept>

#include "tests/kit/eventually.h"
#include "tests/kit/free_port.h"

namespace tollgate::kit {

DnsServer::DnsServer(int ttl) : ttl_(ttl) {
  folder_.Write("hosts", "");
  for (int tries = 0; tries < 5; ++tries) {
    port_ = FreePort();
    if (TryStart()) return;
  }
  throw std::runtime_error("dnsmasq does not start: " + process_->Stderr());
}

void DnsServer::Start() {
  if (!TryStart()) throw std::runtime_error("dnsmasq does not start again: " + process_->Stderr());
}

bool DnsServer::TryStart() {
  const std::string ttl = std::to_string(ttl_);
  process_ = std::make_unique<Process>(std::vector<std::string>{
      "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
      "--log-queries", "--log-facility=-", "--pid-file", "--user=", "--bind-interfaces",
      "--listen-address=127.0.0.1", "--port=" + std::to_string(port_), "--addn-hosts=" + (folder_ / "hosts"),
      "--local-ttl=" + ttl,
      // Authority for all: what is not known does not exist.
      "--local=/#/", "--neg-ttl=" + ttl});
  (void)Eventually([this] {
    return !process_->running() || process_->Stderr().find("started, version") != std::string::npos;
  });
  return process_->running();
}

void DnsServer::Put(const std::string& name, const std::vector<std::string>& addresses) {
  records_[name] = addresses;
  std::string hosts;
  for (const auto& [host, all] : records_) {
    for (const std::string& address : all) hosts.append(address).append(" ").append(host).append("\n");
  }
  folder_.Write("hosts", hosts);
  if (process_) process_->Signal(SIGHUP);
}

int DnsServer::Questions(const std::string& name) const {
  std::istringstream log(process_->Stderr());
  int questions = 0;
  for (std::string line; std::getline(log, line);) {
    if (line.find("query[A] " + name + " ") != std::string::npos) ++questions;
  }
  return questions;
}

}  // namespace tollgate::kit
