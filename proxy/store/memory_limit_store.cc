#include "proxy/store/memory_limit_store.h"

#include <bit>
#include <mutex>

#include "api/base/check.h"
#include "proxy/store/key_hash.h"
#include "proxy/store/memory_decision.h"

namespace tollgate::store {

// The shards of one request, locked in ascending order, so that no two requests wait for each other.
class MemoryLimitStore::Locks {
 public:
  Locks(MemoryLimitStore& store, const LimitRequest& request) : store_(store) {
    for (uint32_t i = 0; i < request.limit_count; ++i) Name(request, request.limits[i].group);
    if (request.has_quota) Name(request, KeyGroup::kConsumer);
    for (uint64_t left = shards_; left != 0; left &= left - 1) Lowest(left).lock.lock();
  }
  Locks(const Locks&) = delete;
  Locks& operator=(const Locks&) = delete;
  ~Locks() {
    for (uint64_t left = shards_; left != 0; left &= left - 1) Lowest(left).lock.unlock();
  }

  const MemoryDecision::Owners& owners() const { return owners_; }

  void Sweep(WallMicros now) {
    for (uint64_t left = shards_; left != 0; left &= left - 1) Lowest(left).table.SweepSome(now);
  }

 private:
  Shard& Lowest(uint64_t shards) { return store_.shards_[static_cast<size_t>(std::countr_zero(shards))]; }

  void Name(const LimitRequest& request, KeyGroup group) {
    const auto index = static_cast<size_t>(group);
    if ((named_ >> index & 1) != 0) return;
    named_ |= 1U << index;
    const uint64_t hash = OwnerHash(request.keys[index], group, store_.seed_);
    const uint64_t shard = hash >> (64 - kShardBits);
    owners_[index] = {&store_.shards_[shard].table, hash};
    shards_ |= uint64_t{1} << shard;
  }

  MemoryLimitStore& store_;
  uint64_t shards_ = 0;  // a bit for each
  uint32_t named_ = 0;   // groups
  MemoryDecision::Owners owners_;
};

bool MemoryLimitStore::TryDecide(const LimitRequest& request, LimitReply& reply) {
  TOLLGATE_CHECK(request.limit_count <= kMaxLimits);
  Locks locks(*this, request);
  // Read under the locks, so that no record sees a time older than its last.
  const WallMicros now = clock_.Now();
  MemoryDecision(request, locks.owners(), now, reply).Make();
  locks.Sweep(now);
  return true;
}

void MemoryLimitStore::StartDecide(DecideAwaiter&) { TOLLGATE_CHECK(!"decided at once"); }

void MemoryLimitStore::Sweep(size_t buckets) {
  const WallMicros now = clock_.Now();
  for (size_t i = 0; i < kShards && buckets > 0; ++i) {
    Shard& shard = shards_[sweep_cursor_.fetch_add(1, std::memory_order_relaxed) % kShards];
    const std::lock_guard lock(shard.lock);
    buckets -= shard.table.Sweep(buckets, now);
  }
}

MemoryLimitStore::Holdings MemoryLimitStore::Held() {
  Holdings held;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.lock);
    held.records += shard.table.records();
    held.bytes += shard.table.held_bytes();
  }
  return held;
}

}  // namespace tollgate::store
