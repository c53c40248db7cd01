#include "controller/publish/proxy_book.h"

#include <utility>

namespace tollgate::publish {
namespace {

// Whether `state` was something else before.
bool Replace(ProxyState& state, ProxyState next) { return std::exchange(state, std::move(next)) != state; }

}  // namespace

ProxyBook::Entry* ProxyBook::Find(StreamId stream) {
  const auto entrant = entrants_.find(stream);
  if (entrant == entrants_.end()) return nullptr;
  const auto entry = entries_.find(entrant->second);
  // The proxy has a newer stream: what this one still says may be older than what that one said.
  if (entry == entries_.end() || entry->second.stream != stream) return nullptr;
  return &entry->second;
}

bool ProxyBook::Enter(StreamId stream, const std::string& proxy, const std::string& version) {
  const std::scoped_lock lock(mutex_);
  entrants_[stream] = proxy;
  Entry& entry = entries_[proxy];
  if (entry.stream > stream) return false;
  ProxyState next{proxy, version, version, {}, true, {}};
  // On a new stream it may be another process of the same name, with another store.
  if (entry.stream == stream) next.stores = entry.state.stores;
  entry.stream = stream;
  return Replace(entry.state, std::move(next));
}

bool ProxyBook::Answer(StreamId stream, const std::string& version, const std::string& refusal) {
  const std::scoped_lock lock(mutex_);
  Entry* const entry = Find(stream);
  if (entry == nullptr) return false;
  ProxyState next = entry->state;
  next.acknowledged = version;
  next.refusal = refusal;
  if (refusal.empty()) next.version = version;
  return Replace(entry->state, std::move(next));
}

bool ProxyBook::Report(StreamId stream, std::map<std::string, StoreState> stores) {
  const std::scoped_lock lock(mutex_);
  Entry* const entry = Find(stream);
  if (entry == nullptr) return false;
  return std::exchange(entry->state.stores, stores) != stores;
}

bool ProxyBook::Leave(StreamId stream, SteadyTime now) {
  const std::scoped_lock lock(mutex_);
  Entry* const entry = Find(stream);
  entrants_.erase(stream);
  Forget(now);
  if (entry == nullptr) return false;
  entry->left_at = now;
  return std::exchange(entry->state.connected, false);
}

void ProxyBook::Forget(SteadyTime now) {
  std::erase_if(entries_, [now](const auto& named) {
    const Entry& entry = named.second;
    return !entry.state.connected && now - entry.left_at >= kForgetAfter;
  });
}

std::vector<ProxyState> ProxyBook::Proxies(SteadyTime now) const {
  const std::scoped_lock lock(mutex_);
  std::vector<ProxyState> proxies;
  for (const auto& [name, entry] : entries_) {
    if (entry.state.connected || now - entry.left_at < kForgetAfter) proxies.push_back(entry.state);
  }
  return proxies;
}

}  // namespace tollgate::publish
