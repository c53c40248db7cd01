#include "proxy/store/record_table.h"

#include <algorithm>
#include <new>
#include <type_traits>

namespace tollgate::store {

static_assert(std::is_trivially_destructible_v<LimitRecord>);
static_assert(sizeof(LimitRecord) <= 4 * BlockPool::kStep);

RecordTable::~RecordTable() {
  for (LimitRecord*& bucket : buckets_) {
    while (bucket != nullptr) Remove(&bucket);
  }
}

LimitRecord& RecordTable::Add(const RecordKey& key, uint64_t hash) {
  if (records_ == buckets_.size()) Rehash(std::max(kFewestBuckets, buckets_.size() * 2));
  auto* const record = new (pool_.Take(sizeof(LimitRecord))) LimitRecord{key, hash, nullptr, 0, {}};
  if (key.kind == RecordKind::kWindow) record->state.emplace<TrailingWindow>();
  if (key.kind == RecordKind::kCredits) record->state.emplace<CreditWindow>();
  Link(record);
  ++records_;
  sweep_debt_ += kDebtPerRecord;
  return *record;
}

void RecordTable::Link(LimitRecord* record) {
  LimitRecord*& bucket = buckets_[record->hash & (buckets_.size() - 1)];
  record->next = bucket;
  bucket = record;
}

void RecordTable::Remove(LimitRecord** link) {
  LimitRecord* const record = *link;
  *link = record->next;
  if (auto* const window = std::get_if<TrailingWindow>(&record->state)) window->Free(pool_);
  pool_.Return(record, sizeof(LimitRecord));
  --records_;
}

void RecordTable::Rehash(size_t buckets) {
  std::vector<LimitRecord*> old(buckets, nullptr);
  old.swap(buckets_);
  for (LimitRecord* record : old) {
    while (record != nullptr) {
      LimitRecord* const next = record->next;
      Link(record);
      record = next;
    }
  }
  cursor_ = 0;
}

void RecordTable::PayDebt(WallMicros now) {
  Sweep(sweep_debt_ / kDebtPerBucket, now);
  sweep_debt_ = 0;
}

size_t RecordTable::Sweep(size_t buckets, WallMicros now) {
  const size_t visits = std::min(buckets, buckets_.size());
  for (size_t i = 0; i < visits; ++i) {
    cursor_ = (cursor_ + 1) & (buckets_.size() - 1);
    LimitRecord** link = &buckets_[cursor_];
    while (*link != nullptr) {
      if ((*link)->expires <= now) {
        Remove(link);
      } else {
        link = &(*link)->next;
      }
    }
  }
  Shrink();
  return visits;
}

void RecordTable::Shrink() {
  if (records_ == 0 && !buckets_.empty()) {
    std::vector<LimitRecord*>().swap(buckets_);
    pool_.Trim();
    cursor_ = 0;
  } else if (buckets_.size() > kFewestBuckets && records_ < buckets_.size() / 8) {
    Rehash(buckets_.size() / 2);
  }
}

}  // namespace tollgate::store
