#include "proxy/store/memory_decision.h"

#include "proxy/store/key_hash.h"

namespace tollgate::store {
namespace {

// Against a clock that is set back over the end of a window.
constexpr WallMicros kExpiryMargin = 1'000'000;

}  // namespace

void MemoryDecision::Make() {
  reply_.verdict = LimitVerdict::kAdmitted;
  reply_.answerer = Answerer::kStore;
  reply_.retry_after_us = 0;
  reply_.store_time = now_;
  for (uint32_t i = 0; i < request_.limit_count; ++i) ReadLimit(i);
  if (request_.has_quota) ReadQuota();
  const bool charge = reply_.verdict == LimitVerdict::kAdmitted;
  for (uint32_t i = 0; i < request_.limit_count; ++i) SettleLimit(i, charge);
  if (request_.has_quota) SettleQuota(charge);
}

inline LimitRecord& MemoryDecision::Get(KeyGroup group, RecordKind kind, uint64_t record) {
  const auto index = static_cast<size_t>(group);
  const Owner& owner = owners_[index];
  return owner.table->Get({request_.keys[index], record, group, kind}, RecordHash(owner.hash, record));
}

inline void MemoryDecision::ReadLimit(uint32_t i) {
  const RateItem& item = request_.limits[i];
  const RateTerms& terms = *item.terms;
  const RecordKind kind = terms.burst > 0 ? RecordKind::kBucket : RecordKind::kWindow;
  LimitRecord& record = Get(item.group, kind, item.record);
  found_[i].record = &record;
  if (auto* const bucket = std::get_if<TokenBucket>(&record.state)) {
    const Ticks missing = bucket->Read(terms, now_);
    found_[i].reading = missing;
    if (TokenBucket::Admits(terms, missing)) return;
    Refuse(LimitVerdict::kRateLimited, i, TokenBucket::StateOf(terms, missing).retry_us);
  } else {
    auto& window = *std::get_if<TrailingWindow>(&record.state);
    RecordTable& table = *owners_[static_cast<size_t>(item.group)].table;
    const uint64_t count = window.Read(terms, now_, table.pool());
    found_[i].reading = count;
    if (count < terms.requests) return;
    Refuse(LimitVerdict::kRateLimited, i, window.StateAt(terms, now_, count).retry_us);
  }
}

void MemoryDecision::ReadQuota() {
  quota_ = &Get(KeyGroup::kConsumer, RecordKind::kCredits, request_.quota.record);
  auto& credits = *std::get_if<CreditWindow>(&quota_->state);
  credits.Prepare(request_.quota, now_);
  if (credits.Admits(request_.quota)) return;
  Refuse(LimitVerdict::kCreditsExhausted, 0, credits.StateFor(request_.quota).end - now_);
}

// Of several that refuse, the one that holds longest is told: until then no try can succeed.
void MemoryDecision::Refuse(LimitVerdict verdict, uint32_t limit, int64_t retry_us) {
  const bool first = reply_.verdict == LimitVerdict::kAdmitted;
  if (!first && retry_us <= reply_.retry_after_us) return;
  reply_.verdict = verdict;
  reply_.refused_by = limit;
  reply_.retry_after_us = retry_us;
}

inline void MemoryDecision::SettleLimit(uint32_t i, bool charge) {
  const RateItem& item = request_.limits[i];
  const RateTerms& terms = *item.terms;
  auto& [record, reading] = found_[i];
  if (auto* const bucket = std::get_if<TokenBucket>(&record->state)) {
    if (charge) reading = bucket->Take(terms, now_, reading);
    reply_.limits[i] = TokenBucket::StateOf(terms, reading);
    record->expires = bucket->WholeAt() + kExpiryMargin;
    return;
  }
  auto& window = *std::get_if<TrailingWindow>(&record->state);
  auto count = static_cast<uint64_t>(reading);
  if (charge) {
    window.Take(now_, owners_[static_cast<size_t>(item.group)].table->pool());
    ++count;
  }
  reply_.limits[i] = window.StateAt(terms, now_, count);
  record->expires = window.WholeAt() + kExpiryMargin;
}

void MemoryDecision::SettleQuota(bool charge) {
  auto& credits = *std::get_if<CreditWindow>(&quota_->state);
  const uint64_t overage = credits.StateFor(request_.quota).overage;
  if (charge) credits.Charge(request_.quota);
  reply_.quota = credits.StateFor(request_.quota);
  reply_.quota.added_over = reply_.quota.overage - overage;
  quota_->expires = credits.WholeAt() + kExpiryMargin;
}

}  // namespace tollgate::store
