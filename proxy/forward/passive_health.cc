#include "proxy/forward/passive_health.h"

#include <algorithm>
#include <mutex>

namespace tollgate::forward {
namespace {

constexpr std::chrono::milliseconds kCountAgainAfter{100};

// One core at a time, so that not more are ejected than may be.
void EjectIfAllowed(const api::PassiveHealth& policy, const Endpoints& ready, UpstreamRecord& upstream,
                    Endpoint& endpoint, SteadyTime now) {
  const std::scoped_lock lock(upstream.ejecting);
  if (!endpoint.health.Available(now)) return;
  const size_t most = ready.size() * policy.max_ejected_percent() / 100;
  // Not allowed: judged again after as many failures.
  const bool allowed = CountUnavailable(ready, now) < most;
  endpoint.health.Eject(allowed ? now + std::chrono::milliseconds(policy.eject_for_ms()) : SteadyTime::min());
  upstream.counted_at.store(0, std::memory_order_relaxed);
}

}  // namespace

void NoteFailure(const api::PassiveHealth& policy, const Endpoints& ready, UpstreamRecord& upstream,
                 Endpoint& endpoint, SteadyTime now) {
  if (policy.consecutive_failures() == 0) return;
  if (endpoint.health.NoteFailure() < policy.consecutive_failures()) return;
  EjectIfAllowed(policy, ready, upstream, endpoint, now);
}

bool IsPanic(const Endpoints& ready, UpstreamRecord& upstream, uint32_t percent, SteadyTime now) {
  const int64_t ticks = now.time_since_epoch().count();
  const int64_t again = SteadyTime::duration(kCountAgainAfter).count();
  if (ticks - upstream.counted_at.load(std::memory_order_relaxed) > again) {
    upstream.counted_at.store(ticks, std::memory_order_relaxed);
    upstream.unavailable.store(static_cast<uint32_t>(CountUnavailable(ready, now)),
                               std::memory_order_relaxed);
  }
  const uint64_t unavailable = upstream.unavailable.load(std::memory_order_relaxed);
  return unavailable * 100 > ready.size() * percent;
}

size_t CountUnavailable(const Endpoints& endpoints, SteadyTime now) {
  return static_cast<size_t>(std::count_if(endpoints.begin(), endpoints.end(),
                                           [now](const auto& e) { return !e->health.Available(now); }));
}

}  // namespace tollgate::forward
