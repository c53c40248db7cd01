#include "proxy/store/redis/outage_answer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "api/base/check.h"

namespace tollgate::store {
namespace {

// One proxy's share. Where there are more proxies than requests, each admits one in a period that is longer
// by as much.
RateTerms ShareOf(const RateTerms& terms, uint32_t proxies) {
  const uint64_t burst = terms.burst == 0 ? 0 : std::max<uint64_t>(1, terms.burst / proxies);
  if (terms.requests >= proxies || terms.requests == 0)
    return {terms.requests / proxies, terms.per_us, burst};
  const int64_t per = terms.per_us > kMaxPeriod / proxies ? kMaxPeriod : terms.per_us * proxies;
  return {1, per, burst};
}

}  // namespace

void OutageAnswer::Answer(const LimitRequest& request, uint64_t outage, LimitReply& reply) {
  if (request.when_down == api::LOCAL) return AnswerLocally(request, outage, reply);
  reply.answerer = Answerer::kNobody;
  reply.verdict = request.when_down == api::OPEN ? LimitVerdict::kAdmitted : LimitVerdict::kUnavailable;
  reply.retry_after_us = 0;
  reply.store_time = 0;
}

void OutageAnswer::AnswerLocally(const LimitRequest& request, uint64_t outage, LimitReply& reply) {
  const uint32_t proxies = proxies_.load(std::memory_order_relaxed);
  std::array<std::optional<RateTerms>, kMaxLimits> shares;
  LimitRequest local = request;
  for (uint32_t i = 0; i < request.limit_count; ++i) {
    shares[i].emplace(ShareOf(*request.limits[i].terms, proxies));
    local.limits[i].terms = &*shares[i];
  }
  if (request.has_quota) {
    const QuotaItem& quota = request.quota;
    const Key128& consumer = request.keys[static_cast<size_t>(KeyGroup::kConsumer)];
    const uint64_t used = known_.UsedIn(consumer, quota.record, quota.window);
    local.quota.credits = quota.credits > used ? (quota.credits - used) / proxies : 0;
    local.quota.record = quota.record + outage;
  }
  LimitStore::DecideAwaiter decide = local_.Decide(local);
  const bool at_once = decide.await_ready();
  TOLLGATE_CHECK(at_once);
  reply = decide.await_resume();
  reply.answerer = Answerer::kLocal;
}

void OutageAnswer::Sweep(WallMicros now) {
  local_.Sweep();
  known_.Sweep(now);
}

}  // namespace tollgate::store
