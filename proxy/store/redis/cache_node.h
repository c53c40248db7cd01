// The Redis of the shared cache as the whole process sees it: the node, and what became of what was written.
// Each core has a RedisCacheStore over it. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/store/redis/node.h"

namespace tollgate::store {

struct CacheNodeOptions {
  StoreAddress address;
  std::string installation;
  // No request waits longer for a stored answer, all questions of its look-up together.
  std::chrono::milliseconds deadline{10};

  // What a look-up may take without counting as slow: less than what ends it, so that a server that answers
  // just in time is noticed before one in a hundred of its answers is lost.
  std::chrono::milliseconds slow_after() const { return deadline / 2; }
};

// Counts since the start.
struct CacheTally {
  std::atomic<uint64_t> stored{0};
  std::atomic<uint64_t> dropped{0};      // too much was under way, or nothing could be
  std::atomic<uint64_t> refused{0};      // by the server: it is full, or read-only
  std::atomic<uint64_t> unforgotten{0};  // never ended: too many editions were to end while it was away
};

class CacheNode {
 public:
  explicit CacheNode(CacheNodeOptions options);

  const CacheNodeOptions& options() const { return options_; }
  // Of every key: `tg:<installation>:cache:`.
  const std::string& prefix() const { return prefix_; }
  RedisNode& node() { return node_; }
  const RedisNode& node() const { return node_; }
  CacheTally& tally() { return tally_; }
  const CacheTally& tally() const { return tally_; }

  // Counts a value that the server did not take, and says so once a minute.
  void NoteRefused(std::string_view error);

 private:
  io::Task<Status<>> Probe(RedisConnection& connection) const;

  const CacheNodeOptions options_;
  const std::string prefix_;
  CacheTally tally_;
  std::atomic<int64_t> next_complaint_{0};  // by SteadyTime
  RedisNode node_;                          // last: its prober uses all above
};

}  // namespace tollgate::store
