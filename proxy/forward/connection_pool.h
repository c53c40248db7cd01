// Idle keep-alive connections to endpoints. One for a core; one thread.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "api/base/clock.h"
#include "proxy/forward/endpoint.h"
#include "proxy/io/stream.h"

namespace tollgate::forward {

class ConnectionPool {
 public:
  // Kept per endpoint and core. nginx's example configurations keep 16 to 32; more serve bursts, and each
  // costs a socket on both sides.
  static constexpr size_t kMaxIdle = 64;
  // Shorter than the 60 s after which common servers close an idle connection, so that we usually do first.
  static constexpr std::chrono::seconds kMaxIdleTime{50};

  // The connection that was used last, or nullptr. Never one whose peer has closed it, or has sent something
  // that nobody asked for: that would be taken for the answer to the next caller's request.
  std::unique_ptr<io::Stream> Take(const Endpoint& endpoint);
  void Give(const Endpoint& endpoint, std::unique_ptr<io::Stream> stream);

  // Closes what has been idle for too long. Called now and then.
  void Sweep(SteadyTime now);

 private:
  struct Idle {
    std::unique_ptr<io::Stream> stream;
    SteadyTime since;
  };
  // By name, not by record: a record may be freed and its memory be another endpoint's.
  std::unordered_map<std::string, std::vector<Idle>> idle_;
};

}  // namespace tollgate::forward
