#include "proxy/forward/forwarder.h"

#include <optional>
#include <utility>
#include <vector>

#include "proxy/forward/attempt.h"
#include "proxy/forward/failures.h"

namespace tollgate::forward {

using exchange::Error;
using exchange::Exchange;
using exchange::Outcome;

namespace {

// Endpoints that are tried for one request when connecting fails: nothing has been sent then, so that a
// further try is always safe.
constexpr uint32_t kMaxAttempts = 3;

// RFC 9110, section 9.2.2.
bool IsIdempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" ||
         method == "DELETE" || method == "TRACE";
}

// Whether the failure left the request as it was.
bool MayTryAgain(const Exchange& x, Ending ending) {
  if (ending == Ending::kNotConnected) return true;
  return ending == Ending::kStale && IsIdempotent(x.head.method) &&
         !x.downstream.request_framing().has_body();
}

}  // namespace

uint64_t Forwarder::Random() {
  // xorshift64* (Vigna, 2016): which endpoint is chosen is no secret.
  random_state_ ^= random_state_ >> 12;
  random_state_ ^= random_state_ << 25;
  random_state_ ^= random_state_ >> 27;
  return random_state_ * 0x2545F4914F6CDD1DULL;
}

io::Task<Outcome<Done>> Forwarder::Forward(Exchange& x, const ForwardTables& tables,
                                           AnswerObserver& observer) {
  const snapshot::RuleEntry& rule = *x.routed->rule;
  const int chosen = UpstreamTable::ChooseTarget(rule, Random());
  if (chosen < 0) co_return NoneReady({});
  const api::Target& target = rule.spec->targets(chosen);
  const snapshot::UpstreamIndex upstream = rule.upstreams[static_cast<size_t>(chosen)];
  x.upstream = target.upstream();
  const std::string_view path =
      tables.rewrites.Apply(target.rewrite_path(), x.routed->path, x.target.path, x.arena);
  const api::Timeouts& timeouts = rule.spec->timeouts();
  const AttemptLimits limits{timeouts, done_caller_, After(timeouts.total_ms())};
  const SteadyTime began = SteadyNow();
  std::vector<Endpoint*> tried;
  std::optional<Error> failure;
  bool replayed = false;
  while (x.attempts < kMaxAttempts) {
    Endpoint* const endpoint = tables.upstreams.ChooseEndpoint(upstream, Random(), tried);
    if (endpoint == nullptr) break;
    ++x.attempts;
    x.endpoint = endpoint->name;
    const ActiveRequest active(*endpoint);
    Attempt attempt(x, *endpoint, limits);
    Outcome<Done> outcome = co_await attempt.Ask(loop_, pool_, {path, endpoint->name, target.rewrite_host()});
    x.upstream_time = SteadyNow() - began;
    if (outcome.ok()) outcome = co_await attempt.Relay(observer);
    if (attempt.uploading()) co_await attempt.EndUpload();
    attempt.Release(pool_);
    if (outcome.ok()) co_return Done{};
    if (attempt.callers_fault()) co_return *attempt.callers_fault();
    failure = outcome.error();
    if (!MayTryAgain(x, attempt.ending())) break;
    // It may be what ended this try; and a request that nobody waits for any more must not reach another one.
    if (SteadyNow() >= limits.total) co_return TimeIsOver();
    // A stale connection says nothing against its endpoint; the second time it does.
    const bool stale = attempt.ending() == Ending::kStale;
    if (!stale || std::exchange(replayed, true)) tried.push_back(endpoint);
  }
  if (failure) co_return *failure;
  co_return NoneReady(target.upstream());
}

}  // namespace tollgate::forward
