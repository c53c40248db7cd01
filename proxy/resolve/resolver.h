// Follows the names of hosts: looks each up, and again before what it was told expires. One for a process, on
// a thread of its own, so that no core waits for a name server, nor for a lock. Its functions: any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "proxy/io/loop.h"
#include "proxy/resolve/address_rules.h"
#include "proxy/resolve/dns_client.h"
#include "proxy/resolve/name_record.h"

namespace tollgate::resolve {

struct ResolverOptions {
  std::string servers = {};  // "ADDRESS[:PORT],…"; empty: those of the machine
  AddressRules rules = {};
};

// How many names are how, and how often they were looked up.
struct ResolverTally {
  size_t fresh = 0;
  size_t stale = 0;
  size_t unknown = 0;
  uint64_t answered = 0;
  uint64_t failed = 0;
};

class Resolver {
 public:
  // Called on its thread when a name has other addresses than before.
  using OnChange = std::function<void(const std::string& host, const std::vector<std::string>& addresses)>;

  Resolver(const ResolverOptions& options, OnChange on_change);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // From now on, or no more. Each name once at a time.
  void Follow(const std::string& host);
  void Leave(const std::string& host);
  // Until something has come of every name, or so long.
  void AwaitFirst(std::chrono::milliseconds limit);
  ResolverTally tally() const;

 private:
  class Name;

  void LookUp(const std::shared_ptr<Name>& name);
  void Take(Name& name, const Lookup& lookup);
  void BeginAnew();
  void Publish(const Lookup* lookup);

  const ResolverOptions options_;
  const OnChange on_change_;
  io::Loop loop_;
  std::unique_ptr<DnsClient> client_;                   // of the loop's thread
  std::map<std::string, std::shared_ptr<Name>> names_;  // likewise
  size_t under_way_ = 0;                                // likewise: of the client's lookups
  mutable std::mutex mutex_;
  std::condition_variable first_;
  size_t pending_ = 0;   // guarded by mutex_: names of which nothing has come yet
  ResolverTally tally_;  // guarded by mutex_
  std::thread thread_;   // last: uses all above
};

}  // namespace tollgate::resolve
