#include "proxy/store/redis/refusal_memory.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace tollgate::store {

Key128 RefusalMemory::KeyOf(const LimitRequest& request) const {
  std::array<uint64_t, kMaxLimits * 6 + 7> words;
  size_t count = 0;
  for (uint32_t i = 0; i < request.limit_count; ++i) {
    const RateItem& item = request.limits[i];
    const Key128& key = request.keys[static_cast<size_t>(item.group)];
    for (const uint64_t word :
         {key.high, key.low, item.record ^ static_cast<uint64_t>(item.group), item.terms->requests,
          static_cast<uint64_t>(item.terms->per_us), item.terms->burst}) {
      words[count++] = word;
    }
  }
  if (request.has_quota) {
    const Key128& key = request.keys[static_cast<size_t>(KeyGroup::kConsumer)];
    const QuotaItem& quota = request.quota;
    for (const uint64_t word :
         {key.high, key.low, quota.record, quota.credits, quota.cost,
          static_cast<uint64_t>(quota.allow_overage), static_cast<uint64_t>(quota.window.start)}) {
      words[count++] = word;
    }
  }
  const XXH128_hash_t hash = ::XXH3_128bits_withSeed(words.data(), count * sizeof words[0], seed_);
  return {hash.high64, hash.low64};
}

bool RefusalMemory::Recall(const LimitRequest& request, SteadyTime now, LimitReply& reply) const {
  if (refusals_.empty()) return false;
  const auto found = refusals_.find(KeyOf(request));
  if (found == refusals_.end() || now >= found->second.until) return false;
  reply = found->second.reply;
  const auto passed =
      std::chrono::duration_cast<std::chrono::microseconds>(now - found->second.since).count();
  reply.retry_after_us = std::max<int64_t>(1, reply.retry_after_us - passed);
  for (uint32_t i = 0; i < request.limit_count; ++i) {
    RateState& state = reply.limits[i];
    state.retry_us = std::max<int64_t>(0, state.retry_us - passed);
    state.reset_us = std::max<int64_t>(0, state.reset_us - passed);
  }
  return true;
}

void RefusalMemory::Remember(const LimitRequest& request, const LimitReply& reply, SteadyTime now) {
  if (longest_.count() == 0) return;
  if (refusals_.size() >= kMost) {
    std::erase_if(refusals_, [now](const auto& entry) { return now >= entry.second.until; });
    if (refusals_.size() >= kMost) refusals_.clear();
  }
  const auto held =
      std::min<std::chrono::microseconds>(longest_, std::chrono::microseconds(reply.retry_after_us));
  refusals_.insert_or_assign(KeyOf(request), Refusal{reply, now, now + held});
}

}  // namespace tollgate::store
