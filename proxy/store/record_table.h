// The records of one shard of the in-process limit store: a hash table whose records stay where they are,
// with a sweep that takes the expired out a few at a time. Guarded by the shard's lock.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "proxy/store/block_pool.h"
#include "proxy/store/credit_window.h"
#include "proxy/store/token_bucket.h"
#include "proxy/store/trailing_window.h"

namespace tollgate::store {

// What a record holds: a limit that is given a burst, or loses it, begins a record of its own.
enum class RecordKind : uint8_t { kBucket, kWindow, kCredits };

struct RecordKey {
  Key128 owner;
  uint64_t record;
  KeyGroup group;
  RecordKind kind;
  bool operator==(const RecordKey&) const = default;
};

struct LimitRecord {
  RecordKey key;
  uint64_t hash;
  LimitRecord* next;                                              // of the same bucket
  WallMicros expires;                                             // may be taken out from then on
  std::variant<TokenBucket, TrailingWindow, CreditWindow> state;  // by RecordKind
};

class RecordTable {
 public:
  RecordTable() = default;
  RecordTable(const RecordTable&) = delete;
  RecordTable& operator=(const RecordTable&) = delete;
  ~RecordTable();

  // The record, made with an empty state where there is none. It stays where it is until a sweep takes it.
  LimitRecord& Get(const RecordKey& key, uint64_t hash) {
    LimitRecord* const record = Find(key, hash);
    return record != nullptr ? *record : Add(key, hash);
  }

  // A little of the sweep: in proportion to what was added since the last, so that records which come and go
  // take at most twice the room of those that are in use.
  void SweepSome(WallMicros now) {
    sweep_debt_ += kDebtPerCall;
    if (sweep_debt_ >= kWorthSweeping) PayDebt(now);
  }
  // Visits up to `buckets` of them; returns how many.
  size_t Sweep(size_t buckets, WallMicros now);

  size_t records() const { return records_; }
  size_t held_bytes() const { return pool_.held_bytes() + buckets_.capacity() * sizeof(LimitRecord*); }
  BlockPool& pool() { return pool_; }

 private:
  static constexpr size_t kFewestBuckets = 16;

  // A bucket for every eight questions, so that a shard whose callers all are known is swept too; two for
  // every record that is added.
  static constexpr size_t kDebtPerCall = 1;
  static constexpr size_t kDebtPerRecord = 16;
  static constexpr size_t kDebtPerBucket = 8;
  static constexpr size_t kWorthSweeping = 4 * kDebtPerBucket;

  LimitRecord* Find(const RecordKey& key, uint64_t hash) const {
    if (buckets_.empty()) return nullptr;
    LimitRecord* record = buckets_[hash & (buckets_.size() - 1)];
    while (record != nullptr && !(record->hash == hash && record->key == key)) record = record->next;
    return record;
  }
  LimitRecord& Add(const RecordKey& key, uint64_t hash);
  void PayDebt(WallMicros now);
  void Link(LimitRecord* record);
  void Remove(LimitRecord** link);
  void Rehash(size_t buckets);
  void Shrink();

  std::vector<LimitRecord*> buckets_;  // a power of two of them, or none
  size_t records_ = 0;
  size_t cursor_ = 0;      // the bucket that the sweep visits next
  size_t sweep_debt_ = 0;  // in eighths of a bucket
  BlockPool pool_;
};

}  // namespace tollgate::store
