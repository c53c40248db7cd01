// The limit store inside the process: for a gateway without Redis, and for a proxy whose Redis is away. One
// for all cores, any thread. Records lie in 64 shards by their owner; a request locks the shards that it
// needs in their order, so that all its limits are checked and charged as one.
//
// Each record goes when its window is over: with the requests that come later, and by Sweep(), which its
// owner calls now and then for what nobody asks about any more.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "proxy/store/limit_store.h"
#include "proxy/store/record_table.h"
#include "proxy/store/shard_lock.h"

namespace tollgate::store {

class MemoryLimitStore final : public LimitStore {
 public:
  // `seed` keeps callers from choosing addresses that fall into one bucket; random outside tests.
  MemoryLimitStore(const WallClock& clock, uint64_t seed) : clock_(clock), seed_(seed) {}

  WallMicros Time() const override { return clock_.Now(); }

  // Takes out what has expired in the next `buckets` buckets, or the next 64 shards, whichever ends first.
  void Sweep(size_t buckets = 16384);

  // What it holds now. For metrics and tests; takes each lock once.
  struct Holdings {
    size_t records = 0;
    size_t bytes = 0;
  };
  Holdings Held();

 protected:
  bool TryDecide(const LimitRequest& request, LimitReply& reply) override;
  // TryDecide() always answers.
  void StartDecide(DecideAwaiter& decide) override;

 private:
  static constexpr size_t kShardBits = 6;
  static constexpr size_t kShards = size_t{1} << kShardBits;

  struct alignas(64) Shard {
    ShardLock lock;
    RecordTable table;  // guarded by lock
  };
  class Locks;

  const WallClock& clock_;
  const uint64_t seed_;
  std::array<Shard, kShards> shards_;
  std::atomic<size_t> sweep_cursor_ = 0;
};

}  // namespace tollgate::store
