#include "proxy/limit/limiter.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "api/base/duration.h"
#include "proxy/limit/address_key.h"
#include "proxy/limit/header_text.h"
#include "proxy/store/credit_window.h"

namespace tollgate::limit {
namespace {

using exchange::Error;
using exchange::Problem;
using store::Answerer;
using store::KeyGroup;
using store::LimitReply;
using store::LimitRequest;
using store::LimitVerdict;

constexpr std::string_view kQuotaName = "quota";
constexpr std::string_view kQuotaItem = "\"quota\"";

// The owner of addresses that stand for callers; plans' are hashes.
constexpr uint64_t kAnonymous = 0;

KeyGroup GroupOf(api::RateLimit::Scope scope) {
  switch (scope) {
    case api::RateLimit::PLAN: return KeyGroup::kPlan;
    case api::RateLimit::ADDRESS: return KeyGroup::kAddress;
    default: return KeyGroup::kConsumer;
  }
}

// Marks are independent hashes, so their sum tells pairs of them apart as well as either does.
uint64_t RecordOf(const LimitTerms& limit, const LimitTable& table, snapshot::RuleIndex rule) {
  switch (limit.scope) {
    case api::RateLimit::CONSUMER_AND_ROUTE: return limit.record ^ table.RouteMark(rule);
    case api::RateLimit::CONSUMER_AND_OPERATION: return limit.record ^ table.OperationMark(rule);
    default: return limit.record;
  }
}

void FillLimits(const CallerTerms& terms, const LimitTable& table, snapshot::RuleIndex rule,
                LimitRequest& request) {
  for (const LimitTerms& limit : terms.limits) {
    request.limits[request.limit_count++] = {GroupOf(limit.scope), RecordOf(limit, table, rule), &limit.rate};
  }
}

// Seconds until a limit is whole. Above 128 requests a window is whole up to 1/128 later than its period:
// that is the store's affair, and t must not exceed w.
uint64_t ResetSeconds(const store::RateTerms& rate, const store::RateState& state) {
  const bool window = rate.burst == 0;
  return SecondsRoundedUp(window ? std::min(state.reset_us, rate.per_us) : state.reset_us);
}

std::string_view RateLimitValue(const CallerTerms& terms, const LimitReply& reply, exchange::Arena& arena) {
  HeaderList list(arena.Allocate(terms.header_room));
  for (size_t i = 0; i < terms.limits.size(); ++i) {
    const store::RateState& state = reply.limits[i];
    const LimitTerms& limit = terms.limits[i];
    list.Add(limit.header_item, 'r', state.remaining, 't', ResetSeconds(limit.rate, state));
  }
  if (terms.quota) {
    list.Add(kQuotaItem, 'r', reply.quota.remaining, 't',
             SecondsRoundedUp(reply.quota.end - reply.store_time));
  }
  return list.text();
}

// The quota's part is written each time: a window's length is not known before the window.
std::string_view PolicyValue(const CallerTerms& terms, const LimitReply& reply, exchange::Arena& arena) {
  if (!terms.quota) return terms.policy;
  char item[kQuotaItem.size() + kItemRoom];
  HeaderList list(item);
  list.Add(kQuotaItem, 'q', terms.quota->credits, 'w', SecondsRoundedUp(reply.quota.end - reply.quota.start));
  return arena.Concat({terms.policy, terms.policy.empty() ? "" : ", ", list.text()});
}

std::chrono::seconds RetryAfter(const LimitReply& reply) {
  return std::chrono::seconds(std::max<uint64_t>(1, SecondsRoundedUp(reply.retry_after_us)));
}

Error RateLimited(const LimitTerms& limit, const LimitReply& reply) {
  const std::chrono::microseconds per(limit.rate.per_us);
  Error error{Problem::kRateLimited, {}, "rate-limited", RetryAfter(reply)};
  error.detail = "The rate limit \"" + limit.name + "\" of " + std::to_string(limit.rate.requests) +
                 " requests in " +
                 FormatDuration(std::chrono::duration_cast<std::chrono::milliseconds>(per)) + " is reached.";
  return error;
}

Error CreditsExhausted(const QuotaTerms& quota, const LimitReply& reply) {
  Error error{Problem::kCreditsExhausted, {}, "credits-exhausted", RetryAfter(reply)};
  error.detail = "The call costs more than what is left (" + std::to_string(reply.quota.remaining) + " of " +
                 std::to_string(quota.credits) + " credits); new ones are given at " +
                 FormatTime(reply.quota.end) + ".";
  return error;
}

Error Unavailable() {
  return {Problem::kLimitsUnavailable,
          "The store of limits cannot be reached; the plan admits nobody without it.", "store-down",
          std::chrono::seconds(1)};
}

void Judge(const CallerTerms& terms, const LimitRequest& request, const LimitReply& reply,
           LimitDecision& decision) {
  switch (reply.verdict) {
    case LimitVerdict::kAdmitted:
      decision.verdict = reply.answerer == Answerer::kNobody ? "store-down" : "admitted";
      if (!request.has_quota) return;
      decision.charged = request.quota.cost;
      if (reply.answerer != Answerer::kNobody) decision.overage = reply.quota.added_over;
      return;
    case LimitVerdict::kRateLimited:
      decision.verdict = "rate-limited";
      decision.refused_by = terms.limits[reply.refused_by].name;
      decision.refusal = RateLimited(terms.limits[reply.refused_by], reply);
      return;
    case LimitVerdict::kCreditsExhausted:
      decision.verdict = "credits-exhausted";
      decision.refused_by = kQuotaName;
      decision.refusal = CreditsExhausted(*terms.quota, reply);
      return;
    case LimitVerdict::kUnavailable:
      decision.verdict = "store-down";
      decision.refusal = Unavailable();
      return;
  }
}

std::string_view OutageRule(const LimitReply& reply) {
  if (reply.answerer == Answerer::kStore) return {};
  if (reply.answerer == Answerer::kLocal) return "local";
  return reply.verdict == LimitVerdict::kAdmitted ? "open" : "closed";
}

}  // namespace

const store::WindowBounds& Limiter::WindowOf(api::Quota::Calendar calendar) {
  store::WindowBounds& window = windows_[static_cast<size_t>(calendar)];
  const WallMicros now = store_.Time();
  if (now < window.start || now >= window.end) window = store::WindowAt(calendar, now);
  return window;
}

Limiter::Deciding::Deciding(Limiter& limiter, const LimitTable& table, const exchange::Permitted& permitted,
                            const io::Address& peer, exchange::Arena& arena)
    : terms_(table.TermsOf(permitted.identity)), arena_(arena), wait_(limiter.store_.Decide(request_)) {
  if (terms_ == nullptr) return;
  const snapshot::RuleIndex rule = permitted.routed.rule_index;
  const exchange::Identity& caller = permitted.identity;
  // Who has no name is told by the address, whatever the plan, as others are by their name.
  request_.keys = {caller.consumer == nullptr ? AddressKey(kAnonymous, peer) : table.ConsumerKey(caller),
                   terms_->plan_key,
                   {},
                   AddressKey(terms_->plan_key.high, peer)};
  request_.when_down = terms_->when_down;
  FillLimits(*terms_, table, rule, request_);
  if (!terms_->quota) return;
  const QuotaTerms& quota = *terms_->quota;
  request_.has_quota = true;
  request_.quota = {quota.record, quota.credits, table.CostOf(rule, caller.plan_index), quota.allow_overage,
                    limiter.WindowOf(quota.calendar)};
}

LimitDecision Limiter::Deciding::await_resume() {
  LimitDecision decision;
  if (terms_ == nullptr) return decision;
  const LimitReply& reply = wait_.reply;
  decision.limited = true;
  if (reply.answerer == Answerer::kStore) decision.store_time = reply.store_time;
  decision.store_wait = reply.store_wait;
  decision.outage = OutageRule(reply);
  if (reply.answerer != Answerer::kNobody) {
    decision.rate_limit = RateLimitValue(*terms_, reply, arena_);
    decision.rate_limit_policy = PolicyValue(*terms_, reply, arena_);
  }
  Judge(*terms_, request_, reply, decision);
  return decision;
}

}  // namespace tollgate::limit
