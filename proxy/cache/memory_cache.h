// The in-memory tier: stored answers by key, with variants by Vary, bounded in bytes over all. Any thread:
// 64 shards by the key's hash, each with a mutex of its own; never two of them held at once.
//
// Eviction is S3-FIFO (Yang et al., SOSP 2023): new entries wait in a small queue, a tenth of the bytes, and
// only what was asked for again while there, or comes back soon after it was dropped, enters the main queue.
// A scan of keys that nobody asks for twice passes through the small queue and leaves the main one alone.
// Chosen over SLRU or LRU because a hit only counts: it moves nothing, so that the lock is short.
// The queues are those of the shards taken in turn, so that one large answer or one busy shard makes use of
// the whole capacity; strict order over all shards would need one lock for all.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "proxy/cache/cache_request.h"
#include "proxy/cache/key.h"
#include "proxy/cache/memory_shard.h"
#include "proxy/cache/stored_response.h"
#include "proxy/cache/target_book.h"

namespace tollgate::cache {

class MemoryCache {
 public:
  explicit MemoryCache(size_t capacity_bytes) : capacity_(capacity_bytes) {}
  MemoryCache(const MemoryCache&) = delete;
  MemoryCache& operator=(const MemoryCache&) = delete;

  // The newest variant that the request selects (RFC 9111, section 4.1), fresh or not.
  Found Find(const KeyRef& key, const CacheRequest& request);

  // False where it cannot fit. Replaces the variants that it stands for.
  bool Insert(const KeyRef& key, std::shared_ptr<const StoredResponse> response, TargetPin target);

  // Drops one variant, if it is still there: it was met after its end.
  void Drop(const KeyRef& key, const StoredResponse& response);

  // Of everything stored: heads, bodies, keys and book-keeping; never more than the capacity.
  size_t bytes() const { return tally_.bytes.load(std::memory_order_relaxed); }
  size_t entries() const { return tally_.entries.load(std::memory_order_relaxed); }
  uint64_t evictions() const { return evictions_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kShards = 64;

  // The top bits: the shard's own table uses the low ones.
  MemoryShard& ShardOf(const KeyRef& key) { return shards_[key.hash >> 58]; }
  bool Reserve(size_t cost);
  bool EvictOne();
  bool EvictFrom(Queue queue);

  const size_t capacity_;
  ShardTally tally_;
  std::array<MemoryShard, kShards> shards_;
  std::atomic<uint32_t> hand_ = 0;  // the shard whose turn it is to give something up
  std::atomic<uint64_t> evictions_ = 0;
};

}  // namespace tollgate::cache
