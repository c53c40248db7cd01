#include "tests/kit/tls_upstream.h"

#include <vector>

namespace tollgate::kit {

TlsUpstream::TlsUpstream(const Certificate& own, const Certificate& clients) {
  folder_.Write("chain", own.chain);
  folder_.Write("key", own.key);
  std::vector<std::string> command = {
      "/usr/bin/python3", "-B",           SourcePath("tests/kit/tls_upstream.py"), folder_ / "port",
      folder_ / "chain",  folder_ / "key"};
  if (!clients.chain.empty()) {
    folder_.Write("clients", clients.chain);
    command.push_back(folder_ / "clients");
  }
  process_ = std::make_unique<Process>(command);
  port_ = AwaitPorts(folder_ / "port", *process_)["https"];
}

}  // namespace tollgate::kit
