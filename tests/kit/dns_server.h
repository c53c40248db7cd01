// A name server of a test's own: dnsmasq on loopback, with records that the test writes. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/kit/process.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::kit {

class DnsServer {
 public:
  // Says that what it tells counts for so many seconds.
  explicit DnsServer(int ttl = 1);

  // From now on; a name that was there before has these alone. Names that are not known do not exist.
  void Put(const std::string& name, const std::vector<std::string>& addresses);
  void Remove(const std::string& name) { Put(name, {}); }

  // Its end, and its return on the same port.
  void Kill() { process_.reset(); }
  void Start();

  // For --dns-servers.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // How often a name was asked for.
  int Questions(const std::string& name) const;

 private:
  bool TryStart();

  const int ttl_;
  int port_ = 0;
  TempFolder folder_;
  std::map<std::string, std::vector<std::string>> records_;
  std::unique_ptr<Process> process_;
};

}  // namespace tollgate::kit
