#include "proxy/forward/retries.h"

#include <algorithm>

namespace tollgate::forward {
namespace {

// RFC 9110, section 9.2.2.
bool IsIdempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" ||
         method == "DELETE" || method == "TRACE";
}

bool IsReplayable(const exchange::Exchange& x) {
  return IsIdempotent(x.head.method) && !x.downstream.request_framing().has_body();
}

bool Lists(const api::Retry& policy, std::string_view method) {
  return std::find(policy.methods().begin(), policy.methods().end(), method) != policy.methods().end();
}

}  // namespace

Retries::Retries(const api::Retry& policy, const exchange::Exchange& x, UpstreamRecord& upstream)
    : policy_(policy),
      upstream_(upstream),
      replayable_(IsReplayable(x)),
      repeatable_(replayable_ && Lists(policy, x.head.method)),
      left_(policy.attempts()) {
  if (repeatable_) upstream_.active_requests.fetch_add(1, std::memory_order_relaxed);
}

Retries::~Retries() {
  if (repeatable_) upstream_.active_requests.fetch_sub(1, std::memory_order_relaxed);
  if (repeats_) upstream_.active_repeats.fetch_sub(1, std::memory_order_relaxed);
}

TryTerms Retries::Terms() const {
  const bool may_follow = repeatable_ && left_ > 0 && policy_.reset();
  // Where one idle connection was gone, others to the same endpoint probably are.
  return {may_follow ? After(policy_.per_try_ms()) : SteadyTime::max(), replayed_};
}

bool Retries::Allows(Ending ending, int status) const {
  switch (ending) {
    case Ending::kStale:
    case Ending::kReset:
    case Ending::kSilent: return policy_.reset();
    case Ending::kAnswered:
      return std::binary_search(policy_.statuses().begin(), policy_.statuses().end(),
                                static_cast<uint32_t>(status));
    default: return false;
  }
}

bool Retries::Follow(Ending ending, int status, bool whole_body) {
  // The upstream closed the connection while nobody used it, as it may at any time: not a failure, and, once,
  // not a retry.
  if (ending == Ending::kStale && replayable_ && !replayed_) return replayed_ = true;
  // Nothing was done, so any request may be sent again, and no load is repeated.
  if (ending == Ending::kRefused) return whole_body && ++refusals_ <= kMostRefusals;
  if (left_ == 0) return false;
  // Nothing was sent, so any request may go elsewhere; and no load is repeated.
  const bool follows = ending == Ending::kNotConnected || ending == Ending::kNoRoom
                           ? policy_.connect_failure()
                           : repeatable_ && Allows(ending, status) && TakeFromBudget();
  if (follows) --left_;
  return follows;
}

bool Retries::TakeFromBudget() {
  if (repeats_) return true;
  const uint64_t active = upstream_.active_requests.load(std::memory_order_relaxed);
  const uint64_t share = active * policy_.budget_percent() / 100;
  const uint32_t before = upstream_.active_repeats.fetch_add(1, std::memory_order_relaxed);
  repeats_ = before < std::max<uint64_t>(share, kAlwaysAllowed);
  if (!repeats_) upstream_.active_repeats.fetch_sub(1, std::memory_order_relaxed);
  return repeats_;
}

}  // namespace tollgate::forward
