#include "proxy/forward/connection_pool.h"

#include <algorithm>

namespace tollgate::forward {

UpstreamConnection ConnectionPool::Take(const Endpoint& endpoint, const io::TlsClientTerms* tls) {
  const auto found = idle_.find(endpoint.name);
  if (found == idle_.end()) return {};
  std::vector<Idle>& idle = found->second;
  for (size_t i = idle.size(); i-- > 0;) {
    if (idle[i].connection.tls.get() != tls) continue;
    UpstreamConnection connection = std::move(idle[i].connection);
    idle.erase(idle.begin() + static_cast<ptrdiff_t>(i));
    if (connection.stream->IsQuiet()) return connection;
  }
  return {};
}

void ConnectionPool::Give(const Endpoint& endpoint, UpstreamConnection connection, uint32_t most) {
  // Not kept: its permit goes to whoever waits on another core.
  if (endpoint.permits->wanted() &&
      (endpoint.permits->HandOver(loop_, connection) || endpoint.permits->wanted()))
    return;
  std::vector<Idle>& idle = idle_[endpoint.name];
  if (idle.size() < MostIdle(most)) idle.push_back({std::move(connection), SteadyNow()});
}

size_t ConnectionPool::MostIdle(uint32_t most) const {
  const size_t cores = std::max<size_t>(1, roster_.size());
  return most == 0 ? kMaxIdle : std::min(kMaxIdle, (most + cores - 1) / cores);
}

void ConnectionPool::GiveUpWanted(const std::string& endpoint) {
  http2_.GiveUpWanted(endpoint);
  const auto found = idle_.find(endpoint);
  if (found == idle_.end()) return;
  std::vector<Idle>& idle = found->second;
  while (!idle.empty() && idle.back().connection.permit.wanted()) idle.pop_back();
}

void ConnectionPool::Describe(std::map<std::string, PoolState>& into) const {
  for (const auto& [endpoint, idle] : idle_) into[endpoint].idle = idle.size();
  http2_.Describe(into);
}

void ConnectionPool::Sweep(SteadyTime now) {
  http2_.Sweep(now);
  for (auto& [name, idle] : idle_) {
    std::erase_if(idle, [now](const Idle& kept) {
      return now - kept.since > kMaxIdleTime || !kept.connection.stream->IsQuiet();
    });
  }
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace tollgate::forward
