// A 64th of the in-memory tier: what memory_cache.h says, under one mutex. Used by MemoryCache alone.
//
// What a call drops is freed after the mutex is let go: a large body's free() is slow.
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/cache/cache_request.h"
#include "proxy/cache/key.h"
#include "proxy/cache/stored_response.h"
#include "proxy/cache/target_book.h"

namespace tollgate::cache {

struct Found {
  std::shared_ptr<const StoredResponse> response;  // null: none
  bool other_variants = false;                     // the key is there, but no variant that fits
};

enum class Queue : uint8_t { kSmall, kMain };

// Sums over all shards.
struct ShardTally {
  std::atomic<size_t> bytes = 0;  // also what is reserved for an entry that is about to be linked in
  std::atomic<size_t> small_bytes = 0;
  std::atomic<size_t> entries = 0;
};

class MemoryShard {
 public:
  // More variants than this come from a field that differs with every caller; the oldest makes room, so that
  // one URL cannot fill the cache and a look-up never compares more.
  static constexpr size_t kMaxVariants = 16;

  // What an entry costs, its share of the index included.
  static size_t CostOf(const KeyRef& key, const StoredResponse& response);

  Found Find(const KeyRef& key, const CacheRequest& request, ShardTally& tally);
  // `cost` has been added to the tally's bytes already.
  void Insert(const KeyRef& key, std::shared_ptr<const StoredResponse> response, TargetPin target,
              size_t cost, ShardTally& tally);
  void Drop(const KeyRef& key, const StoredResponse& response, ShardTally& tally);
  // Gives up one entry of a queue. False where it has none to give: all were asked for and moved on.
  bool Evict(Queue queue, ShardTally& tally);

 private:
  struct Entry;
  using Entries = std::list<Entry>;

  struct StoredKey {
    std::string bytes;
    uint64_t hash;
  };
  struct KeyHash {
    using is_transparent = void;
    size_t operator()(const StoredKey& key) const { return key.hash; }
    size_t operator()(const KeyRef& key) const { return key.hash; }
  };
  struct KeyEqual {
    using is_transparent = void;
    static std::string_view Bytes(const StoredKey& key) { return key.bytes; }
    static std::string_view Bytes(const KeyRef& key) { return key.bytes; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return a.hash == b.hash && Bytes(a) == Bytes(b);
    }
  };
  // Newest first.
  using Variants = std::vector<Entries::iterator>;
  using Index = std::unordered_map<StoredKey, Variants, KeyHash, KeyEqual>;

  struct Entry {
    std::shared_ptr<const StoredResponse> response;
    TargetPin target;
    Index::value_type* slot;  // stays where it is while the table grows
    size_t cost;
    Queue queue;
    uint8_t hits;  // since it was last looked at for eviction
  };

  Entries& EntriesOf(Queue queue) { return queue == Queue::kSmall ? small_ : main_; }
  // Takes an entry out of its queue and the tally, into `dropped`; Remove() out of the index too.
  void Unlink(Entries::iterator entry, Entries& dropped, ShardTally& tally);
  void Remove(Entries::iterator entry, Entries& dropped, ShardTally& tally);
  void Link(Entry entry, Variants& variants, ShardTally& tally);
  // Takes away the variants whose target was changed by an unsafe method.
  void DropOutdated(Variants& variants, Entries& dropped, ShardTally& tally);
  // Takes away what a new answer stands for.
  void DropReplaced(Variants& variants, const StoredResponse& response, Entries& dropped, Entry& entry,
                    ShardTally& tally);
  void Promote(Entries::iterator entry, ShardTally& tally);

  // How many entries that were asked for are passed over before one is taken all the same: where all are in
  // use, any choice is as good, and the lock is not to be held for a walk over thousands.
  static constexpr int kMaxTurns = 64;

  // Which keys the small queue gave up lately: a key's hash stands in one slot until another takes the slot.
  // A thousand: twice what a shard of the default capacity keeps of answers of 1 KiB.
  static constexpr size_t kGhosts = 1024;
  uint64_t& GhostOf(uint64_t hash) { return ghosts_[hash % kGhosts]; }

  std::mutex mutex_;  // guards all below
  Index index_;
  Entries small_;  // newest first
  Entries main_;
  std::array<uint64_t, kGhosts> ghosts_{};
};

}  // namespace tollgate::cache
