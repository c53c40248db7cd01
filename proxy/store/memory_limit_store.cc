#include "proxy/store/memory_limit_store.h"

#include <algorithm>
#include <cassert>

namespace tollgate::store {
namespace {

// Folds the 128 bits of a product, as wyhash does: a few instructions, and unpredictable without the seed.
uint64_t Mix(uint64_t a, uint64_t b) {
  __extension__ using Product = unsigned __int128;
  const Product product = static_cast<Product>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Odd numbers without a pattern: the fractions of √2 and √3.
constexpr uint64_t kOddA = 0x6a09e667f3bcc909;
constexpr uint64_t kOddB = 0xbb67ae8584caa73b;

}  // namespace

// The shards of one request, locked in ascending order, so that no two requests wait for each other.
class MemoryLimitStore::Locks {
 public:
  Locks(MemoryLimitStore& store, const Owners& owners) : store_(store) {
    for (size_t group = 0; group < kKeyGroups; ++group) {
      if ((owners.named >> group & 1) != 0) Insert(static_cast<uint8_t>(ShardOf(owners.hash[group])));
    }
    for (size_t i = 0; i < count_; ++i) shard(i).mutex.lock();
  }
  Locks(const Locks&) = delete;
  Locks& operator=(const Locks&) = delete;
  ~Locks() {
    for (size_t i = count_; i > 0; --i) shard(i - 1).mutex.unlock();
  }

  void Sweep(WallMicros now) {
    for (size_t i = 0; i < count_; ++i) shard(i).table.SweepSome(now);
  }

 private:
  Shard& shard(size_t i) { return store_.shards_[order_[i]]; }

  void Insert(uint8_t index) {
    size_t at = count_;
    while (at > 0 && order_[at - 1] > index) --at;
    if (at > 0 && order_[at - 1] == index) return;
    std::copy_backward(order_.begin() + at, order_.begin() + count_, order_.begin() + count_ + 1);
    order_[at] = index;
    ++count_;
  }

  MemoryLimitStore& store_;
  std::array<uint8_t, kKeyGroups> order_;
  size_t count_ = 0;
};

// One request against its records, under their locks.
class MemoryLimitStore::Decision {
 public:
  Decision(MemoryLimitStore& store, const Owners& owners, const LimitRequest& request, LimitReply& reply)
      : store_(store), owners_(owners), request_(request), reply_(reply), now_(store.clock_.Now()) {}

  void Make() {
    reply_.verdict = LimitVerdict::kAdmitted;
    reply_.answerer = Answerer::kStore;
    reply_.retry_after_us = 0;
    reply_.store_time = now_;
    for (uint32_t i = 0; i < request_.limit_count; ++i) CheckLimit(i);
    if (request_.has_quota) CheckQuota();
    if (reply_.verdict == LimitVerdict::kAdmitted) Charge();
    for (uint32_t i = 0; i < request_.limit_count; ++i) ReportLimit(i);
    if (request_.has_quota) ReportQuota();
  }

  WallMicros now() const { return now_; }

 private:
  LimitRecord& Get(KeyGroup group, RecordKind kind, uint64_t record) {
    const auto index = static_cast<size_t>(group);
    const uint64_t owner = owners_.hash[index];
    return store_.shards_[ShardOf(owner)].table.Get({request_.keys[index], record, group, kind},
                                                    Mix(owner ^ record, kOddA));
  }
  BlockPool& PoolOf(KeyGroup group) {
    return store_.shards_[ShardOf(owners_.hash[static_cast<size_t>(group)])].table.pool();
  }

  void Refuse(LimitVerdict verdict, uint32_t limit, int64_t retry_us) {
    const bool first = reply_.verdict == LimitVerdict::kAdmitted;
    if (!first && retry_us <= reply_.retry_after_us) return;
    reply_.verdict = verdict;
    reply_.refused_by = limit;
    reply_.retry_after_us = retry_us;
  }

  void CheckLimit(uint32_t i) {
    const RateItem& item = request_.limits[i];
    const bool bucket = item.terms.burst > 0;
    LimitRecord& record = Get(item.group, bucket ? RecordKind::kBucket : RecordKind::kWindow, item.record);
    limits_[i] = &record;
    if (auto* const tokens = std::get_if<TokenBucket>(&record.state)) {
      tokens->Prepare(item.terms, now_);
      if (!tokens->Admits(item.terms, now_)) RefuseByLimit(i, *tokens);
    } else {
      auto& window = *std::get_if<TrailingWindow>(&record.state);
      window.Prepare(item.terms, now_, PoolOf(item.group));
      if (!window.Admits(item.terms, now_)) RefuseByLimit(i, window);
    }
  }

  template <class State>
  void RefuseByLimit(uint32_t i, const State& state) {
    Refuse(LimitVerdict::kRateLimited, i, state.StateAt(request_.limits[i].terms, now_).retry_us);
  }

  void CheckQuota() {
    quota_ = &Get(KeyGroup::kConsumer, RecordKind::kCredits, request_.quota.record);
    auto& credits = *std::get_if<CreditWindow>(&quota_->state);
    credits.Prepare(request_.quota, now_);
    if (credits.Admits(request_.quota)) return;
    Refuse(LimitVerdict::kCreditsExhausted, 0, credits.StateFor(request_.quota).end - now_);
  }

  void Charge() {
    for (uint32_t i = 0; i < request_.limit_count; ++i) {
      const RateItem& item = request_.limits[i];
      if (auto* const tokens = std::get_if<TokenBucket>(&limits_[i]->state)) {
        tokens->Take(item.terms, now_);
      } else {
        std::get_if<TrailingWindow>(&limits_[i]->state)->Take(now_, PoolOf(item.group));
      }
    }
  }

  void ReportLimit(uint32_t i) {
    const RateTerms& terms = request_.limits[i].terms;
    LimitRecord& record = *limits_[i];
    if (const auto* const tokens = std::get_if<TokenBucket>(&record.state)) {
      reply_.limits[i] = tokens->StateAt(terms, now_);
      record.expires = tokens->WholeAt() + kExpiryMargin;
    } else {
      const auto& window = *std::get_if<TrailingWindow>(&record.state);
      reply_.limits[i] = window.StateAt(terms, now_);
      record.expires = window.WholeAt() + kExpiryMargin;
    }
  }

  void ReportQuota() {
    auto& credits = *std::get_if<CreditWindow>(&quota_->state);
    const QuotaState before = credits.StateFor(request_.quota);
    if (reply_.verdict == LimitVerdict::kAdmitted) credits.Charge(request_.quota);
    reply_.quota = credits.StateFor(request_.quota);
    reply_.quota.added_over = reply_.quota.overage - before.overage;
    quota_->expires = credits.WholeAt() + kExpiryMargin;
  }

  MemoryLimitStore& store_;
  const Owners& owners_;
  const LimitRequest& request_;
  LimitReply& reply_;
  const WallMicros now_;  // read under the locks: so no record sees a time older than its last
  std::array<LimitRecord*, kMaxLimits> limits_;
  LimitRecord* quota_ = nullptr;
};

MemoryLimitStore::Owners MemoryLimitStore::OwnersOf(const LimitRequest& request) const {
  Owners owners;
  for (uint32_t i = 0; i < request.limit_count; ++i) {
    owners.named |= 1U << static_cast<unsigned>(request.limits[i].group);
  }
  if (request.has_quota) owners.named |= 1U << static_cast<unsigned>(KeyGroup::kConsumer);
  for (size_t group = 0; group < kKeyGroups; ++group) {
    if ((owners.named >> group & 1) == 0) continue;
    const Key128& key = request.keys[group];
    owners.hash[group] = Mix(Mix(key.low ^ seed_, kOddB) ^ key.high ^ group, kOddA ^ seed_);
  }
  return owners;
}

bool MemoryLimitStore::TryDecide(const LimitRequest& request, LimitReply& reply) {
  assert(request.limit_count <= kMaxLimits);
  const Owners owners = OwnersOf(request);
  Locks locks(*this, owners);
  Decision decision(*this, owners, request, reply);
  decision.Make();
  locks.Sweep(decision.now());
  return true;
}

void MemoryLimitStore::StartDecide(DecideAwaiter&) { assert(false); }

void MemoryLimitStore::Sweep(size_t buckets) {
  const WallMicros now = clock_.Now();
  for (size_t i = 0; i < kShards && buckets > 0; ++i) {
    Shard& shard = shards_[sweep_cursor_.fetch_add(1, std::memory_order_relaxed) % kShards];
    const std::lock_guard lock(shard.mutex);
    buckets -= shard.table.Sweep(buckets, now);
  }
}

MemoryLimitStore::Holdings MemoryLimitStore::Held() {
  Holdings held;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    held.records += shard.table.records();
    held.bytes += shard.table.held_bytes();
  }
  return held;
}

}  // namespace tollgate::store
