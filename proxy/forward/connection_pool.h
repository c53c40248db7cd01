// Connections to endpoints: the idle ones of HTTP/1.1, and those of HTTP/2. One for a core; one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/base/clock.h"
#include "proxy/forward/endpoint.h"
#include "proxy/forward/http2_pool.h"
#include "proxy/forward/pool_roster.h"
#include "proxy/forward/pool_state.h"

namespace tollgate::forward {

class ConnectionPool {
 public:
  // Kept per endpoint and core: as many as are at work at once under load, or every request beyond them pays
  // for a connection of its own (two to three times a request). Each costs a socket on both sides, and no
  // block.
  static constexpr size_t kMaxIdle = 512;
  // Shorter than the 60 s after which common servers close an idle connection, so that we usually do first.
  static constexpr std::chrono::seconds kMaxIdleTime{50};

  // `roster` outlives it.
  ConnectionPool(io::Loop& loop, PoolRoster& roster) : loop_(loop), roster_(roster), http2_(loop, roster) {
    roster_.Join(loop, *this);
  }
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;
  ~ConnectionPool() { roster_.Leave(*this); }

  // The connection that was used last of those that were made under the same terms (nullptr: in the clear),
  // or none. Never one whose peer has closed it, or has sent something that nobody asked for: that would be
  // taken for the answer to the next caller's request.
  UpstreamConnection Take(const Endpoint& endpoint, const io::TlsClientTerms* tls = nullptr);
  // Keeps a connection, or hands it to a request that waits for one; `most` is how many there may be to its
  // endpoint in the whole process (0: as many as are wanted), of which a core keeps its part.
  void Give(const Endpoint& endpoint, UpstreamConnection connection, uint32_t most = 0);

  Http2Pool& http2() { return http2_; }

  // Asks every core for what GiveUpWanted() does.
  void AskFor(const Endpoint& endpoint) { roster_.AskFor(endpoint.name); }
  // Closes idle connections to an endpoint as long as a request waits for one.
  void GiveUpWanted(const std::string& endpoint);

  // What it keeps, by endpoint.
  void Describe(std::map<std::string, PoolState>& into) const;

  // Closes what has been idle for too long. Called now and then.
  void Sweep(SteadyTime now);

 private:
  struct Idle {
    UpstreamConnection connection;
    SteadyTime since;
  };
  size_t MostIdle(uint32_t most) const;

  io::Loop& loop_;
  PoolRoster& roster_;
  // By name, not by record: a record may be freed and its memory be another endpoint's.
  std::unordered_map<std::string, std::vector<Idle>> idle_;
  Http2Pool http2_;
};

}  // namespace tollgate::forward
