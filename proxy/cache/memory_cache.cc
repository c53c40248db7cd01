#include "proxy/cache/memory_cache.h"

#include <utility>

namespace tollgate::cache {

Found MemoryCache::Find(const KeyRef& key, const CacheRequest& request) {
  return ShardOf(key).Find(key, request, tally_);
}

void MemoryCache::Drop(const KeyRef& key, const StoredResponse& response) {
  ShardOf(key).Drop(key, response, tally_);
}

bool MemoryCache::Insert(const KeyRef& key, std::shared_ptr<const StoredResponse> response,
                         TargetPin target) {
  const size_t cost = MemoryShard::CostOf(key, *response);
  if (!Reserve(cost)) return false;
  ShardOf(key).Insert(key, std::move(response), std::move(target), cost, tally_);
  return true;
}

// Room is made before an entry is linked in, so that the sum never passes the capacity, not even while many
// threads store at once.
bool MemoryCache::Reserve(size_t cost) {
  if (cost > capacity_) return false;
  size_t used = tally_.bytes.load(std::memory_order_relaxed);
  for (;;) {
    if (used + cost <= capacity_) {
      if (tally_.bytes.compare_exchange_weak(used, used + cost, std::memory_order_relaxed)) return true;
      continue;
    }
    // Nothing left to give up: other threads' reservations hold the rest.
    if (!EvictOne()) return false;
    used = tally_.bytes.load(std::memory_order_relaxed);
  }
}

bool MemoryCache::EvictOne() {
  const bool small_is_full = tally_.small_bytes.load(std::memory_order_relaxed) > capacity_ / 10;
  const Queue first = small_is_full ? Queue::kSmall : Queue::kMain;
  const Queue second = small_is_full ? Queue::kMain : Queue::kSmall;
  return EvictFrom(first) || EvictFrom(second) || EvictFrom(first);
}

bool MemoryCache::EvictFrom(Queue queue) {
  for (size_t i = 0; i < kShards; ++i) {
    MemoryShard& shard = shards_[hand_.fetch_add(1, std::memory_order_relaxed) % kShards];
    if (!shard.Evict(queue, tally_)) continue;
    evictions_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  return false;
}

}  // namespace tollgate::cache
