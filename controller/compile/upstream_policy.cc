#include "controller/compile/upstream_policy.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace tollgate::compile {
namespace {

using resource::Retry;
using resource::RetryCondition;
using std::chrono::milliseconds;

// Two further endpoints: where three in a row fail, a fourth is no likelier to work.
constexpr int kAttempts = 2;
// What a server says that has no room just now, or is about to end.
constexpr int kStatuses[] = {503};
// A try that another may follow: short of the 15 s in which an answer must have begun.
constexpr milliseconds kPerTryTimeout{5'000};
// A fifth more than what callers ask for: what an upstream in trouble can bear.
constexpr int kBudgetPercent = 20;
// Idempotent (RFC 9110, section 9.2.2), and what a rule can match.
constexpr const char* kMethods[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};

// In a row: chance alone does not do that at any rate of errors that one would serve with.
constexpr int kConsecutiveFailures = 5;
// A pod that was restarted is back by then.
constexpr milliseconds kEjectFor{30'000};
// What is left has to bear it all; and where half of them fail, the fault is likelier not theirs.
constexpr int kMaxEjectedPercent = 50;

// Soon enough that a rollout does not wait for it, and little beside what else an endpoint does.
constexpr milliseconds kInterval{5'000};
// What is slower than this would not serve callers, either.
constexpr milliseconds kProbeTimeout{1'000};
// One lost packet, or a pause of a garbage collector, is no reason.
constexpr int kUnhealthyAfter = 3;
constexpr int kHealthyAfter = 1;

// More than a server serves well at a time; where it is slow, what piles up is bounded. Also Envoy's.
constexpr int kConnections = 1024;
// Each costs some kilobytes, and goes after a second.
constexpr int kPending = 1024;

bool Names(const Retry& retry, RetryCondition condition) {
  if (!retry.conditions) return true;
  return std::find(retry.conditions->begin(), retry.conditions->end(), condition) != retry.conditions->end();
}

}  // namespace

api::Retry CompileRetry(const std::optional<Retry>& retry) {
  api::Retry compiled;
  if (!retry) {
    compiled.set_attempts(kAttempts);
    compiled.set_connect_failure(true);
    return compiled;
  }
  compiled.set_attempts(static_cast<uint32_t>(retry->attempts.value_or(kAttempts)));
  compiled.set_connect_failure(Names(*retry, RetryCondition::kConnectFailure));
  compiled.set_reset(Names(*retry, RetryCondition::kReset));
  std::set<int> statuses(std::begin(kStatuses), std::end(kStatuses));
  if (retry->statuses) statuses = {retry->statuses->begin(), retry->statuses->end()};
  for (const int status : statuses) compiled.add_statuses(static_cast<uint32_t>(status));
  if (compiled.reset()) {
    compiled.set_per_try_ms(static_cast<uint64_t>(retry->per_try_timeout.value_or(kPerTryTimeout).count()));
  }
  compiled.set_budget_percent(static_cast<uint32_t>(retry->budget_percent.value_or(kBudgetPercent)));
  std::set<std::string> methods(std::begin(kMethods), std::end(kMethods));
  if (!retry->methods.empty()) methods = {retry->methods.begin(), retry->methods.end()};
  for (const std::string& method : methods) compiled.add_methods(method);
  return compiled;
}

api::PassiveHealth CompilePassiveHealth(const resource::PassiveHealth& health) {
  api::PassiveHealth compiled;
  compiled.set_consecutive_failures(
      static_cast<uint32_t>(health.consecutive_failures.value_or(kConsecutiveFailures)));
  compiled.set_eject_for_ms(static_cast<uint64_t>(health.eject_for.value_or(kEjectFor).count()));
  compiled.set_max_ejected_percent(
      static_cast<uint32_t>(health.max_ejected_percent.value_or(kMaxEjectedPercent)));
  return compiled;
}

api::ActiveHealth CompileActiveHealth(const resource::ActiveHealth& health) {
  api::ActiveHealth compiled;
  compiled.set_path(health.path);
  compiled.set_interval_ms(static_cast<uint64_t>(health.interval.value_or(kInterval).count()));
  compiled.set_timeout_ms(static_cast<uint64_t>(health.timeout.value_or(kProbeTimeout).count()));
  compiled.set_unhealthy_after(static_cast<uint32_t>(health.unhealthy_after.value_or(kUnhealthyAfter)));
  compiled.set_healthy_after(static_cast<uint32_t>(health.healthy_after.value_or(kHealthyAfter)));
  return compiled;
}

api::PassiveHealth BoundOfActiveHealth() {
  api::PassiveHealth bound;
  bound.set_max_ejected_percent(kMaxEjectedPercent);
  return bound;
}

api::Balancing CompileBalancing(const std::optional<resource::Balancing>& balancing) {
  using Type = resource::Balancing::Type;
  api::Balancing compiled;
  // It needs no order among the proxies, and turns away from an endpoint that is slow by itself.
  compiled.set_type(api::Balancing::LEAST_REQUESTS);
  if (!balancing) return compiled;
  if (balancing->type == Type::kRoundRobin) compiled.set_type(api::Balancing::ROUND_ROBIN);
  if (balancing->type == Type::kConsistentHash) {
    compiled.set_type(api::Balancing::CONSISTENT_HASH);
    compiled.set_header(balancing->header);
  }
  return compiled;
}

api::ConnectionLimits CompileLimits(const resource::ConnectionLimits& limits) {
  api::ConnectionLimits compiled;
  compiled.set_connections(static_cast<uint32_t>(limits.connections.value_or(kConnections)));
  compiled.set_pending(static_cast<uint32_t>(limits.pending.value_or(kPending)));
  return compiled;
}

}  // namespace tollgate::compile
