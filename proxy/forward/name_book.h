// Upstreams that are known by a DNS name: what it leads to, as endpoints. All of them stand in one table,
// which is swapped whole when one changes, so that serving threads read it without a lock. Any thread; used
// when snapshots are built and when names change, not while serving.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/forward/upstream_endpoints.h"
#include "proxy/resolve/resolver.h"
#include "proxy/snapshot/live.h"

namespace tollgate::forward {

// One such upstream; its name is followed as long as anybody has this.
struct NamedUpstream {
  const std::string host;
  const uint16_t port;
  const size_t slot;  // its place in the table
  const std::shared_ptr<UpstreamRecord> record;
};

// By NamedUpstream::slot; nullptr: nothing has come of the name yet.
using NamedTable = std::vector<std::shared_ptr<const UpstreamEndpoints>>;
using LiveNamedTable = snapshot::Live<NamedTable>;

class NameBook {
 public:
  // Outlived by `endpoints`.
  explicit NameBook(EndpointBook& endpoints) : endpoints_(endpoints) {}
  NameBook(const NameBook&) = delete;
  NameBook& operator=(const NameBook&) = delete;
  ~NameBook();

  // Before the first Get().
  void Configure(resolve::ResolverOptions options) { options_ = std::move(options); }

  // The same for the same upstream, as long as anybody has it.
  std::shared_ptr<const NamedUpstream> Get(const std::string& upstream, const std::string& host,
                                           uint16_t port);
  // Until something has come of every name, or so long.
  void AwaitFirst(std::chrono::milliseconds limit);
  // Leaves the names that nobody has any more, and what names led to before, once no request uses it. Call
  // now and then from a thread that does not serve.
  void Forget();

  const LiveNamedTable& live() const { return live_; }
  resolve::ResolverTally tally() const;

 private:
  struct Host {
    std::vector<std::string> addresses;
    std::vector<std::weak_ptr<const NamedUpstream>> upstreams;
  };

  void OnChange(const std::string& host, const std::vector<std::string>& addresses);
  std::shared_ptr<const UpstreamEndpoints> EndpointsOf(const NamedUpstream& upstream, const Host& host);
  std::shared_ptr<const NamedUpstream> Add(const std::string& upstream, const std::string& host,
                                           uint16_t port);
  // Their places in the table, which is swapped.
  void Put(const std::vector<std::shared_ptr<const NamedUpstream>>& upstreams, const Host& host);

  EndpointBook& endpoints_;
  resolve::ResolverOptions options_;
  LiveNamedTable live_;
  mutable std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const NamedUpstream>> upstreams_;  // guarded by mutex_
  std::map<std::string, Host> hosts_;                                    // guarded by mutex_
  // Of names that are followed; nullptr: there has been none. Made under mutex_, then used without it.
  std::unique_ptr<resolve::Resolver> resolver_;
};

}  // namespace tollgate::forward
