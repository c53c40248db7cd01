#include "proxy/forward/endpoint.h"

#include <xxhash.h>

#include "proxy/forward/name_book.h"

namespace tollgate::forward {

uint64_t KeyHash(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

EndpointBook::EndpointBook() : names_(std::make_unique<NameBook>(*this)) {}

EndpointBook::~EndpointBook() = default;

std::shared_ptr<Endpoint> EndpointBook::Get(const std::string& ip, uint16_t port) {
  const std::optional<io::Address> address = io::Address::FromLiteral(ip, port);
  if (!address) return nullptr;
  std::string name = address->ToString();
  const std::scoped_lock lock(mutex_);
  std::weak_ptr<Endpoint>& known = endpoints_[name];
  std::shared_ptr<Endpoint> endpoint = known.lock();
  if (!endpoint) {
    known = endpoint = std::make_shared<Endpoint>(*address, name, begun_ ? SteadyNow() : SteadyTime::min());
  }
  return endpoint;
}

std::shared_ptr<UpstreamRecord> EndpointBook::GetUpstream(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  std::weak_ptr<UpstreamRecord>& known = upstreams_[name];
  std::shared_ptr<UpstreamRecord> upstream = known.lock();
  if (!upstream) known = upstream = std::make_shared<UpstreamRecord>();
  return upstream;
}

void EndpointBook::ForgetEndpoints() {
  const std::scoped_lock lock(mutex_);
  std::erase_if(endpoints_, [](const auto& entry) { return entry.second.expired(); });
}

size_t EndpointBook::size() const {
  const std::scoped_lock lock(mutex_);
  return endpoints_.size();
}

void EndpointBook::Forget() {
  tls_.Forget();
  names_->Forget();
  const std::scoped_lock lock(mutex_);
  begun_ = begun_ || !endpoints_.empty();
  std::erase_if(endpoints_, [](const auto& entry) { return entry.second.expired(); });
  std::erase_if(upstreams_, [](const auto& entry) { return entry.second.expired(); });
}

}  // namespace tollgate::forward
