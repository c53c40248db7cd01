// Endpoints of upstreams, one record for a process and address whatever snapshot names it: what is known of
// an endpoint survives a swap of the configuration.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "proxy/forward/connection_permits.h"
#include "proxy/forward/endpoint_health.h"
#include "proxy/forward/mirror_table.h"
#include "proxy/forward/upstream_record.h"
#include "proxy/forward/upstream_tls.h"
#include "proxy/io/address.h"

namespace tollgate::forward {

// The same in every process, so that all proxies choose alike (ConsistentHash).
uint64_t KeyHash(std::string_view key);

// What every core writes has a cache line of its own. Any thread.
struct Endpoint {
  Endpoint(const io::Address& where, std::string text, SteadyTime since = SteadyTime::min())
      : address(where), name(std::move(text)), name_hash(KeyHash(name)), health(since) {}

  const io::Address address;
  const std::string name;  // "10.0.0.1:8080"
  const uint64_t name_hash;
  // Lives as long as a connection, too.
  const std::shared_ptr<ConnectionPermits> permits = std::make_shared<ConnectionPermits>();
  alignas(64) std::atomic<uint32_t> active_requests{0};
  EndpointHealth health;
};

// Counts a request as long as it lives.
class ActiveRequest {
 public:
  explicit ActiveRequest(Endpoint& endpoint) : endpoint_(&endpoint) {
    endpoint_->active_requests.fetch_add(1, std::memory_order_relaxed);
  }
  ActiveRequest(const ActiveRequest&) = delete;
  ActiveRequest& operator=(const ActiveRequest&) = delete;
  ~ActiveRequest() { endpoint_->active_requests.fetch_sub(1, std::memory_order_relaxed); }

 private:
  Endpoint* const endpoint_;
};

// Hands out the records of addresses and of upstreams. Any thread; used when snapshots are built, not while
// serving.
class NameBook;

class EndpointBook {
 public:
  EndpointBook();
  ~EndpointBook();
  // Nothing where the address is no literal. One that was not known has to be warmed up, but for those that
  // are there before the first Forget(): they begin together.
  std::shared_ptr<Endpoint> Get(const std::string& ip, uint16_t port);
  std::shared_ptr<UpstreamRecord> GetUpstream(const std::string& name);
  UpstreamTlsBook& tls() { return tls_; }
  MirrorTally& mirrored() { return mirrored_; }
  const MirrorTally& mirrored() const { return mirrored_; }
  // Of upstreams that are known by a DNS name.
  NameBook& names() const { return *names_; }
  // Drops the records that no snapshot uses any more.
  void Forget();
  // Of endpoints alone: when names have changed.
  void ForgetEndpoints();
  // Records of endpoints, used or not.
  size_t size() const;

 private:
  UpstreamTlsBook tls_;
  MirrorTally mirrored_;
  mutable std::mutex mutex_;
  bool begun_ = false;                                              // guarded by mutex_
  std::map<std::string, std::weak_ptr<Endpoint>> endpoints_;        // guarded by mutex_
  std::map<std::string, std::weak_ptr<UpstreamRecord>> upstreams_;  // guarded by mutex_
  const std::unique_ptr<NameBook> names_;                           // last: uses all above
};

}  // namespace tollgate::forward
