// What each consumer has used of its credits, as this process heard it last from the store: so that a proxy
// cut off from the store does not begin anew. Any thread; sharded locks, of which one is held at a time.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "api/base/clock.h"
#include "proxy/store/key_hash.h"
#include "proxy/store/limit_store.h"
#include "proxy/store/shard_lock.h"

namespace tollgate::store {

class KnownCredits {
 public:
  // `seed` keeps callers from choosing addresses that fall together.
  explicit KnownCredits(uint64_t seed);

  // The newest word counts: `used` of the window from `start` to `end`.
  void Note(const Key128& consumer, uint64_t record, const WindowBounds& window, uint64_t used);
  // 0 where nothing was heard of this window.
  uint64_t UsedIn(const Key128& consumer, uint64_t record, const WindowBounds& window);
  // Forgets windows that are over.
  void Sweep(WallMicros now);

 private:
  struct Word {
    WallMicros start;
    WallMicros end;
    uint64_t used;
  };
  struct Name {
    Key128 consumer;
    uint64_t record;
    bool operator==(const Name&) const = default;
  };
  struct HashName {
    HashName() : seed(0) {}
    explicit HashName(uint64_t seed_in) : seed(seed_in) {}
    uint64_t seed;
    size_t operator()(const Name& name) const {
      return RecordHash(OwnerHash(name.consumer, KeyGroup::kConsumer, seed), name.record);
    }
  };
  struct alignas(64) Shard {
    ShardLock lock;
    std::unordered_map<Name, Word, HashName> words;  // guarded by lock
  };
  Shard& ShardOf(const Key128& consumer) {
    return shards_[OwnerHash(consumer, KeyGroup::kConsumer, seed_) >> 58];
  }

  const uint64_t seed_;
  std::array<Shard, 64> shards_;
};

}  // namespace tollgate::store
