// The HTTP/2 connections of one core to endpoints, and the requests that wait for room on one. A new one is
// made where those that are there are full, as long as the endpoint's permits last. One thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/forward/http2_connection.h"
#include "proxy/forward/pool_roster.h"
#include "proxy/forward/pool_state.h"
#include "proxy/forward/try_terms.h"
#include "proxy/forward/upstream_exchange.h"
#include "proxy/io/loop.h"
#include "proxy/io/timed_wait.h"

namespace tollgate::forward {

class Http2Pool final : private Http2Owner {
 public:
  // As long as connections of HTTP/1.1 are kept.
  static constexpr std::chrono::seconds kMaxIdleTime{50};
  // So that load moves to endpoints that have come since, and no peer's memory of us grows without end.
  static constexpr std::chrono::minutes kMaxAge{30};

  struct Lease {
    std::shared_ptr<Http2Connection> connection = {};  // with a place that is reserved
    bool reused = false;                               // it was there already
    std::optional<Failure> failure = {};
  };

  // `roster` outlives it.
  Http2Pool(io::Loop& loop, PoolRoster& roster) : loop_(loop), roster_(roster) {}
  Http2Pool(const Http2Pool&) = delete;
  Http2Pool& operator=(const Http2Pool&) = delete;
  ~Http2Pool();

  // A place on a connection to the try's endpoint.
  io::Task<Lease> Take(const Try& attempt);

  // What it keeps, by endpoint.
  void Describe(std::map<std::string, PoolState>& into) const;

  // Ends what has been idle for too long, or is too old. Called now and then.
  void Sweep(SteadyTime now);
  // Another core's request waits for the right to a connection to an endpoint.
  void GiveUpWanted(const std::string& endpoint);

 private:
  struct Waiter {
    io::TimedWait wait;
    Lease lease = {};
    bool done = false;
  };
  // An endpoint's name, and under which terms it is spoken to.
  using Key = std::pair<std::string, TlsTerms>;
  // What concerns one of them.
  struct Group {
    std::vector<std::shared_ptr<Http2Connection>> connections;  // that are ready
    std::vector<std::shared_ptr<Http2Connection>> greeting;     // that are not yet
    size_t connecting = 0;
    std::deque<Waiter*> waiters;

    size_t coming() const { return connecting + greeting.size(); }
    // Whether there will be room for those who wait when what is coming has come.
    bool covered() const { return waiters.size() < coming() * Http2Connection::kMostStreams; }
    bool empty() const { return connections.empty() && coming() == 0 && waiters.empty(); }
  };

  io::Task<std::optional<Failure>> Provide(const Try& attempt, SteadyTime deadline);
  io::Task<Lease> AwaitRoom(const Key& key, SteadyTime deadline);
  void Begin(const Try& attempt, Permit permit);
  io::Task<std::optional<Failure>> AwaitPermit(const Try& attempt, SteadyTime deadline);
  io::Task<void> Connect(Key key, io::Address address, Permit permit, SteadyTime deadline);
  void NotMade(const Key& key, const std::optional<exchange::Error>& error);
  static Key KeyOf(const Try& attempt) { return {attempt.endpoint.name, attempt.limits.tls}; }
  static Key KeyOf(const Http2Connection& connection) { return {connection.name(), connection.tls()}; }
  static std::shared_ptr<Http2Connection> FindRoom(const Group& group);
  static void Grant(Group& group);

  // Http2Owner.
  void OnReady(Http2Connection& connection) override;
  void OnRoom(Http2Connection& connection) override;
  void OnOver(Http2Connection& connection, bool greeted) override;

  io::Loop& loop_;
  PoolRoster& roster_;
  std::map<Key, Group> groups_;
};

}  // namespace tollgate::forward
