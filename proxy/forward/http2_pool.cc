#include "proxy/forward/http2_pool.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "proxy/forward/failures.h"
#include "proxy/io/tcp.h"

namespace tollgate::forward {

using exchange::Error;

namespace {

using Connections = std::vector<std::shared_ptr<Http2Connection>>;

// Takes a connection out; whether it was there.
bool Remove(Connections& connections, const Http2Connection& connection) {
  return std::erase_if(connections, [&connection](const auto& one) { return one.get() == &connection; }) > 0;
}

}  // namespace

Http2Pool::~Http2Pool() {
  for (auto& [key, group] : groups_) {
    for (const auto& connection : group.connections) connection->Goodbye();
    for (const auto& connection : group.greeting) connection->Goodbye();
  }
}

std::shared_ptr<Http2Connection> Http2Pool::FindRoom(const Group& group) {
  // The first that has any, so that the others become idle and end.
  const auto found = std::find_if(group.connections.begin(), group.connections.end(),
                                  [](const auto& connection) { return connection->has_room(); });
  return found == group.connections.end() ? nullptr : *found;
}

io::Task<Http2Pool::Lease> Http2Pool::Take(const Try& attempt) {
  const AttemptLimits& limits = attempt.limits;
  const SteadyTime deadline = std::min(attempt.terms.end, limits.Within(limits.timeouts.connect_ms()));
  const Key key = KeyOf(attempt);
  if (Group& group = groups_[key]; group.waiters.empty()) {
    if (std::shared_ptr<Http2Connection> connection = FindRoom(group)) {
      connection->Reserve();
      co_return Lease{std::move(connection), true};
    }
  }
  Lease lease;
  while (lease.connection == nullptr && !lease.failure) {
    lease.failure = co_await Provide(attempt, deadline);
    if (!lease.failure) lease = co_await AwaitRoom(key, deadline);
  }
  co_return lease;
}

// Sees to it that there will be room for one request more, or says why there is none.
io::Task<std::optional<Failure>> Http2Pool::Provide(const Try& attempt, SteadyTime deadline) {
  Endpoint& endpoint = attempt.endpoint;
  const ConnectionLimits& limits = attempt.limits.connections;
  Group& group = groups_[KeyOf(attempt)];
  if (group.covered()) co_return std::nullopt;
  if (endpoint.permits->Take(limits.connections)) {
    Begin(attempt, Permit(endpoint.permits));
    co_return std::nullopt;
  }
  if (group.connections.empty() && group.coming() == 0) co_return co_await AwaitPermit(attempt, deadline);
  const size_t coming = group.coming() * Http2Connection::kMostStreams;
  if (group.waiters.size() < limits.pending + coming) co_return std::nullopt;
  co_return Failure{Ending::kNoRoom, NoRoom("pending-limit")};
}

io::Task<Http2Pool::Lease> Http2Pool::AwaitRoom(const Key& key, SteadyTime deadline) {
  Group& group = groups_[key];
  Waiter waiter{io::TimedWait(loop_)};
  group.waiters.push_back(&waiter);
  Grant(group);  // it may have come meanwhile
  waiter.wait.SetDeadline(deadline);
  while (!waiter.done && SteadyNow() < deadline) co_await waiter.wait;
  if (waiter.done) co_return std::move(waiter.lease);
  std::erase(group.waiters, &waiter);
  if (group.coming() > 0) co_return Lease{.failure = Failure{Ending::kNotConnected, NotConnected(ETIMEDOUT)}};
  co_return Lease{.failure = Failure{Ending::kNoRoom, NoRoom("connection-limit")}};
}

// It has the rule's time, not what is left of the request's: others may be waiting for it by then.
void Http2Pool::Begin(const Try& attempt, Permit permit) {
  const Endpoint& endpoint = attempt.endpoint;
  const SteadyTime deadline = After(attempt.limits.timeouts.connect_ms());
  Key key = KeyOf(attempt);
  ++groups_[key].connecting;
  io::Detach(Connect(std::move(key), endpoint.address, std::move(permit), deadline));
}

// There are as many connections as may be, all of them other cores': waits for the right to make one, and
// makes it.
io::Task<std::optional<Failure>> Http2Pool::AwaitPermit(const Try& attempt, SteadyTime deadline) {
  using Grant = ConnectionPermits::Grant;
  Endpoint& endpoint = attempt.endpoint;
  ConnectionPermits::Waiter waiter(*endpoint.permits, loop_, attempt.limits.connections, deadline);
  if (waiter.Begin() && waiter.first()) roster_.AskFor(endpoint.name);
  const Grant grant = co_await waiter;
  if (grant == Grant::kFull || grant == Grant::kTimeout) {
    co_return Failure{Ending::kNoRoom, NoRoom(grant == Grant::kFull ? "pending-limit" : "connection-limit")};
  }
  // A connection of HTTP/1.1 is of no use here; the right to it is.
  Permit permit = grant == Grant::kPermit ? Permit(endpoint.permits) : std::move(waiter.connection.permit);
  waiter.connection.stream.reset();
  Begin(attempt, std::move(permit));
  co_return std::nullopt;
}

io::Task<void> Http2Pool::Connect(Key key, io::Address address, Permit permit, SteadyTime deadline) {
  io::Connected connected = co_await io::Connect(loop_, address, deadline);
  std::optional<Error> error;
  if (!connected.stream) {
    error = NotConnected(connected.error);
  } else if (key.second != nullptr) {
    io::Task<io::TlsConnected> handshake = io::StartTls(std::move(connected.stream), key.second, deadline);
    io::TlsConnected secured = co_await handshake;
    connected.stream = std::move(secured.stream);
    if (!connected.stream) error = NotSecured(secured.reason);
  }
  Group& group = groups_[key];
  --group.connecting;
  if (error) {
    permit = Permit();
    co_return NotMade(key, error);
  }
  UpstreamConnection made{std::move(permit), key.second, std::move(connected.stream)};
  Http2Owner& owner = *this;
  auto connection = std::make_shared<Http2Connection>(loop_, std::move(made), owner, key.first);
  group.greeting.push_back(connection);
  connection->Start(deadline);
}

// Those who waited for a connection that is not to come have nothing to wait for, unless others come. Without
// an error they look for another one.
void Http2Pool::NotMade(const Key& key, const std::optional<Error>& error) {
  Group& group = groups_[key];
  if (group.coming() > 0 || !group.connections.empty()) return;
  for (Waiter* const waiter : std::exchange(group.waiters, {})) {
    if (error) waiter->lease.failure = Failure{Ending::kNotConnected, *error};
    waiter->done = true;
    waiter->wait.Wake();
  }
}

void Http2Pool::Grant(Group& group) {
  while (!group.waiters.empty()) {
    std::shared_ptr<Http2Connection> connection = FindRoom(group);
    if (connection == nullptr) return;
    Waiter& waiter = *group.waiters.front();
    group.waiters.pop_front();
    connection->Reserve();
    waiter.lease.connection = std::move(connection);
    waiter.done = true;
    waiter.wait.Wake();
  }
}

void Http2Pool::OnReady(Http2Connection& connection) {
  Group& group = groups_[KeyOf(connection)];
  Remove(group.greeting, connection);
  group.connections.push_back(connection.shared_from_this());
  Grant(group);
  if (group.coming() > 0) return;
  // It takes fewer than those who waited for it: they look for another one.
  for (Waiter* const waiter : std::exchange(group.waiters, {})) {
    waiter->done = true;
    waiter->wait.Wake();
  }
}

void Http2Pool::OnRoom(Http2Connection& connection) { Grant(groups_[KeyOf(connection)]); }

void Http2Pool::OnOver(Http2Connection& connection, bool greeted) {
  const Key key = KeyOf(connection);
  Group& group = groups_[key];
  Remove(greeted ? group.connections : group.greeting, connection);
  // What closes without a greeting does not speak HTTP/2.
  NotMade(key, greeted ? std::nullopt : std::optional<Error>(NotConnected(EPROTO)));
}

void Http2Pool::Describe(std::map<std::string, PoolState>& into) const {
  for (const auto& [key, group] : groups_) {
    PoolState& state = into[key.first];
    state.http2 += group.connections.size();
    for (const auto& connection : group.connections) state.http2_requests += connection->requests();
    state.waiting += group.waiters.size();
  }
}

void Http2Pool::Sweep(SteadyTime now) {
  for (auto& [key, group] : groups_) {
    for (const auto& connection : group.connections) {
      const bool old = now - connection->begun_at() > kMaxAge;
      if (old || connection->idle_since(now - kMaxIdleTime)) connection->End();
    }
  }
  std::erase_if(groups_, [](const auto& entry) { return entry.second.empty(); });
}

void Http2Pool::GiveUpWanted(const std::string& endpoint) {
  for (auto at = groups_.lower_bound({endpoint, nullptr}); at != groups_.end(); ++at) {
    if (at->first.first != endpoint) return;
    for (const auto& connection : at->second.connections) {
      if (connection->wanted()) connection->End();
    }
  }
}

}  // namespace tollgate::forward
