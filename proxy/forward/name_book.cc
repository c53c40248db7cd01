#include "proxy/forward/name_book.h"

#include <algorithm>
#include <set>
#include <utility>

#include "proxy/io/tcp.h"

namespace tollgate::forward {
namespace {

// Where a name has addresses of both families, and this machine has no way to those of one, they would only
// be tried in vain. As connect(2) of a datagram socket tells, for the first of each.
void LeaveOutUnroutable(Endpoints& endpoints) {
  const auto first_v4 = std::partition(endpoints.begin(), endpoints.end(),
                                       [](const auto& endpoint) { return endpoint->address.is_ipv6(); });
  if (first_v4 == endpoints.begin() || first_v4 == endpoints.end()) return;
  const bool v6 = io::HasRoute(endpoints.front()->address);
  const bool v4 = io::HasRoute((*first_v4)->address);
  if (v6 == v4) return;
  endpoints.erase(v6 ? first_v4 : endpoints.begin(), v6 ? endpoints.end() : first_v4);
}

}  // namespace

NameBook::~NameBook() = default;

std::shared_ptr<const NamedUpstream> NameBook::Get(const std::string& upstream, const std::string& host,
                                                   uint16_t port) {
  const std::scoped_lock lock(mutex_);
  if (auto known = upstreams_[upstream].lock()) return known;
  return Add(upstream, host, port);
}

std::shared_ptr<const NamedUpstream> NameBook::Add(const std::string& upstream, const std::string& host,
                                                   uint16_t port) {
  std::set<size_t> taken;
  for (const auto& [name, held] : upstreams_) {
    if (const auto other = held.lock()) taken.insert(other->slot);
  }
  size_t slot = 0;
  while (taken.contains(slot)) ++slot;
  auto added = std::make_shared<const NamedUpstream>(
      NamedUpstream{host, port, slot, endpoints_.GetUpstream(upstream)});
  upstreams_[upstream] = added;
  const auto [at, is_new] = hosts_.try_emplace(host);
  at->second.upstreams.emplace_back(added);
  Put({added}, at->second);
  if (resolver_ == nullptr) {
    resolver_ = std::make_unique<resolve::Resolver>(
        options_, [this](const std::string& name, const std::vector<std::string>& addresses) {
          OnChange(name, addresses);
        });
  }
  if (is_new) resolver_->Follow(host);
  return added;
}

void NameBook::OnChange(const std::string& host, const std::vector<std::string>& addresses) {
  const std::scoped_lock lock(mutex_);
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return;
  // Those of earlier changes: a name may lead to ever other addresses while the configuration stays.
  endpoints_.ForgetEndpoints();
  found->second.addresses = addresses;
  std::vector<std::shared_ptr<const NamedUpstream>> upstreams;
  for (const auto& held : found->second.upstreams) {
    if (auto upstream = held.lock()) upstreams.push_back(std::move(upstream));
  }
  Put(upstreams, found->second);
}

void NameBook::Put(const std::vector<std::shared_ptr<const NamedUpstream>>& upstreams, const Host& host) {
  const std::shared_ptr<const NamedTable> before = live_.Get();
  auto table = before == nullptr ? std::make_shared<NamedTable>() : std::make_shared<NamedTable>(*before);
  for (const auto& upstream : upstreams) {
    if (table->size() <= upstream->slot) table->resize(upstream->slot + 1);
    (*table)[upstream->slot] = EndpointsOf(*upstream, host);
  }
  live_.Swap(std::move(table));
}

std::shared_ptr<const UpstreamEndpoints> NameBook::EndpointsOf(const NamedUpstream& upstream,
                                                               const Host& host) {
  auto endpoints = std::make_shared<UpstreamEndpoints>(UpstreamEndpoints{upstream.record, {}});
  for (const std::string& address : host.addresses) {
    if (auto endpoint = endpoints_.Get(address, upstream.port))
      endpoints->ready.push_back(std::move(endpoint));
  }
  LeaveOutUnroutable(endpoints->ready);
  return endpoints;
}

void NameBook::AwaitFirst(std::chrono::milliseconds limit) {
  resolve::Resolver* resolver = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    resolver = resolver_.get();
  }
  if (resolver != nullptr) resolver->AwaitFirst(limit);
}

void NameBook::Forget() {
  const std::scoped_lock lock(mutex_);
  live_.Reap();
  std::erase_if(upstreams_, [](const auto& entry) { return entry.second.expired(); });
  for (auto at = hosts_.begin(); at != hosts_.end();) {
    std::erase_if(at->second.upstreams, [](const auto& held) { return held.expired(); });
    if (!at->second.upstreams.empty()) {
      ++at;
      continue;
    }
    resolver_->Leave(at->first);
    at = hosts_.erase(at);
  }
}

resolve::ResolverTally NameBook::tally() const {
  const std::scoped_lock lock(mutex_);
  return resolver_ == nullptr ? resolve::ResolverTally{} : resolver_->tally();
}

}  // namespace tollgate::forward
