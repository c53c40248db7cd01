#include "proxy/forward/connection_pool.h"

#include <algorithm>

namespace tollgate::forward {

std::unique_ptr<io::Stream> ConnectionPool::Take(const Endpoint& endpoint) {
  const auto found = idle_.find(endpoint.name);
  if (found == idle_.end()) return nullptr;
  std::vector<Idle>& idle = found->second;
  while (!idle.empty()) {
    std::unique_ptr<io::Stream> stream = std::move(idle.back().stream);
    idle.pop_back();
    if (stream->IsQuiet()) return stream;
  }
  return nullptr;
}

void ConnectionPool::Give(const Endpoint& endpoint, std::unique_ptr<io::Stream> stream) {
  std::vector<Idle>& idle = idle_[endpoint.name];
  if (idle.size() < kMaxIdle) idle.push_back({std::move(stream), SteadyNow()});
}

void ConnectionPool::Sweep(SteadyTime now) {
  for (auto& [name, idle] : idle_) {
    std::erase_if(idle, [now](const Idle& connection) {
      return now - connection.since > kMaxIdleTime || !connection.stream->IsQuiet();
    });
  }
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace tollgate::forward
