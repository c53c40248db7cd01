// The Redis of limits as the whole process shares it: the node, the script, what is answered while it is
// away. Each core has a RedisLimitStore over it. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "api/base/clock.h"
#include "proxy/store/redis/limit_script.h"
#include "proxy/store/redis/node.h"
#include "proxy/store/redis/outage_answer.h"

namespace tollgate::store {

struct LimitNodeOptions {
  StoreAddress address;
  std::string installation;
  // None of the requests that wait for a decision waits longer.
  std::chrono::milliseconds deadline{50};
  // What a decision may take without counting as slow.
  std::chrono::milliseconds slow_after{10};
  // How long a refusal is remembered at most.
  std::chrono::milliseconds refusals_kept{1000};
  // How often it is asked whether it throws records away.
  std::chrono::milliseconds policy_every{5000};
};

class LimitNode {
 public:
  // `clock` is this process's, for what it decides alone; it must outlive this.
  LimitNode(LimitNodeOptions options, const WallClock& clock, uint64_t seed, LimitScript script = {});

  const LimitNodeOptions& options() const { return options_; }
  const WallClock& clock() const { return clock_; }
  const LimitScript& script() const { return script_; }
  // Of every key: `tg:<installation>:`.
  const std::string& prefix() const { return prefix_; }
  // Unique among the writers of all proxies.
  uint64_t NextWriterName() { return first_name_ + names_.fetch_add(1, std::memory_order_relaxed); }

  RedisNode& node() { return node_; }
  const RedisNode& node() const { return node_; }
  OutageAnswer& outage() { return outage_; }

  // Whether the store throws records away when it is full: then limits are not enforced as promised.
  bool evicts() const { return evicts_.load(std::memory_order_relaxed); }

 private:
  io::Task<Status<>> Probe(RedisConnection& connection);
  io::Task<Status<>> ReadPolicy(RedisConnection& connection);

  const LimitNodeOptions options_;
  const WallClock& clock_;
  const LimitScript script_;
  const std::string prefix_;
  const uint64_t first_name_;
  std::atomic<uint64_t> names_{1};
  std::atomic<bool> evicts_{false};
  OutageAnswer outage_;
  RedisNode node_;  // last: its prober uses all above
};

}  // namespace tollgate::store
