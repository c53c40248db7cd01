// Where those who operate a gateway ask it: a port on loopback, a Unix socket, both or none. Main thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/base/flags.h"
#include "proxy/admin/operator_pages.h"
#include "proxy/takeover/listeners.h"
#include "proxy/takeover/socket_path.h"

namespace tollgate::admin {

struct OperatorFlags {
  std::string address = "off";
  std::string socket;

  void AddTo(FlagSet& set);
};

// As they are understood.
struct OperatorOptions {
  std::optional<io::Address> address;
  std::string socket;
};
// The sentence names the flag.
Result<OperatorOptions> ReadOperatorFlags(const OperatorFlags& flags);

class OperatorPort {
 public:
  // Answers from Start() on. `replaces`: the process that answers at the Unix socket until then is the one
  // that is taken over from.
  static Result<OperatorPort> Open(const OperatorOptions& options, const net::Gateway& gateway,
                                   takeover::Inheritance& inheritance, bool replaces);

  void Start();
  // Another process is the one to ask from now on.
  void StopAccepting();

  // What another process would take over.
  void AppendTo(std::vector<takeover::Listener>& listeners) const;
  // For --port-file.
  void AppendTo(std::vector<std::pair<std::string, uint16_t>>& ports) const;
  // For the log: "off" where there is none.
  std::string text() const;

 private:
  OperatorPort() = default;
  Status<> OpenSocket(const std::string& path, const net::Gateway& gateway, bool replaces);

  std::unique_ptr<AdminServer> at_address_;
  std::unique_ptr<AdminServer> at_socket_;
  std::unique_ptr<takeover::SocketPath> path_;
  std::string socket_;
};

}  // namespace tollgate::admin
