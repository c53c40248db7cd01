// The controller's HTTP side: pages by path (/livez, /readyz, /metrics) for Prometheus and the kubelet.
// Boost.Beast, on one thread of its own; bounded in size, time and connections.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "api/base/result.h"

namespace tollgate::admin {

struct AdminAnswer {
  unsigned status = 200;
  std::string content_type;
  std::string body;
};

// Makes an answer; called on the server's thread, must not wait.
using Page = std::function<AdminAnswer()>;
using Pages = std::map<std::string, Page>;  // by path

class AdminServer {
 public:
  // `address`: "HOST:PORT" or "[V6]:PORT", HOST an IP address or empty for all; port 0 picks a free one.
  static Result<std::unique_ptr<AdminServer>> Start(const std::string& address, Pages pages);
  // Closes every connection.
  ~AdminServer();

  uint16_t port() const;

 private:
  struct State;
  explicit AdminServer(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace tollgate::admin
