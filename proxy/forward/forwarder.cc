#include "proxy/forward/forwarder.h"

#include <algorithm>
#include <optional>

#include "proxy/exchange/request_trace.h"
#include "proxy/forward/attempt.h"
#include "proxy/forward/choice.h"
#include "proxy/forward/exchange_slot.h"
#include "proxy/forward/failures.h"
#include "proxy/forward/mirroring.h"
#include "proxy/forward/retries.h"

namespace tollgate::forward {

using exchange::Error;
using exchange::Exchange;
using exchange::Outcome;

uint64_t Forwarder::Random() {
  // xorshift64* (Vigna, 2016): which endpoint is chosen is no secret.
  random_state_ ^= random_state_ >> 12;
  random_state_ ^= random_state_ << 25;
  random_state_ ^= random_state_ >> 27;
  return random_state_ * 0x2545F4914F6CDD1DULL;
}

// Whether a request is one of the mirror's share.
bool Forwarder::Takes(const Mirror& mirror) { return Random() % 100 < mirror.percent; }

io::Task<Outcome<Done>> Forwarder::Forward(Exchange& x, const ForwardTables& tables,
                                           AnswerObserver& observer) {
  const snapshot::RuleEntry& rule = *x.routed->rule;
  if (x.grpc.past_deadline()) co_return DeadlineIsOver();
  const int chosen = UpstreamTable::ChooseTarget(rule, Random());
  if (chosen < 0) co_return NoneReady({});
  const api::Target& target = rule.spec->targets(chosen);
  const snapshot::UpstreamIndex upstream = rule.upstreams[static_cast<size_t>(chosen)];
  x.upstream = target.upstream();
  const std::string_view path =
      tables.rewrites.Apply(target.rewrite_path(), x.routed->path, x.target.path, x.arena);
  const api::Timeouts& timeouts = rule.spec->timeouts();
  const AttemptLimits limits{timeouts,
                             done_caller_,
                             std::min(After(timeouts.total_ms()), x.grpc.deadline),
                             {rule.spec->limits().connections(), rule.spec->limits().pending()},
                             tables.tls.Find(target)};
  if (target.has_tls() && limits.tls == nullptr) co_return NotSecured("tls-terms-unusable");
  const bool grpc = x.grpc.is_call && target.protocol() == api::Target::GRPC;
  const std::string_view scheme = target.has_tls() ? "https" : "http";
  const SteadyTime began = SteadyNow();
  SteadyTime now = began;
  Retries retries(rule.spec->retry(), x, tables.upstreams.RecordOf(upstream));
  if (!names_ && tables.upstreams.IsNamed(upstream)) names_.emplace(tables.upstreams.names());
  EndpointChoice choice(tables.upstreams, *rule.spec, upstream, x.head.fields, names_ ? &*names_ : nullptr);
  Mirroring mirroring(x, {path, {}, target.rewrite_host()}, mirrors_, tables.mirrors.tally());
  RequestBody body(x.downstream, SpeaksHttp2(target.protocol()));
  if (const Mirror* const mirror = tables.mirrors.Find(*rule.spec);
      mirror != nullptr && !x.web_socket && Takes(*mirror)) {
    if (mirroring.Begin(tables.upstreams.EndpointsOf(mirror->upstream), Random())) body.Observe(mirroring);
  }
  std::optional<Error> failure;
  while (Endpoint* const endpoint = choice.Next(Random(), now)) {
    ++x.attempts;
    // The log and the spans are written behind this, when an address that its name has left may be gone.
    x.endpoint = x.arena.Keep(endpoint->name);
    const ActiveRequest active(*endpoint);
    const Try terms{x, *endpoint, limits, retries.Terms(), choice.AlternateTo(*endpoint), grpc};
    ExchangeSlot slot;
    Attempt attempt(terms, slot.Make(target.protocol(), loop_, pool_, terms), body);
    exchange::TracedTry span(x, x.endpoint, path, limits.tls != nullptr, SpeaksHttp2(target.protocol()));
    Outcome<Done> outcome = co_await attempt.Ask({path, endpoint->name, target.rewrite_host(), scheme});
    const int status = outcome.ok() ? attempt.status() : 0;
    x.upstream_time = SteadyNow() - began;
    const bool again = retries.Follow(attempt.ending(), attempt.status(), body.whole());
    if (outcome.ok() && again) attempt.Discard();
    if (outcome.ok() && !again) outcome = co_await attempt.Relay(observer);
    if (attempt.uploading()) co_await attempt.EndUpload();
    attempt.Release();
    span.End(status, outcome.ok() ? std::string_view() : exchange::RowOf(outcome.error().problem).slug);
    choice.Note(*endpoint, attempt.ending(), attempt.status());
    if (!again && outcome.ok()) co_return Done{};
    if (attempt.callers_fault()) co_return *attempt.callers_fault();
    if (!outcome.ok()) failure = outcome.error();
    if (!again) break;
    // It may be what ended this try; and a request that nobody waits for any more must not reach another one.
    now = SteadyNow();
    if (now >= limits.total) co_return x.grpc.past_deadline() ? DeadlineIsOver() : TimeIsOver();
    choice.LeaveOut(*endpoint, attempt.ending());
  }
  if (failure) co_return *failure;
  co_return choice.nameless() ? NameUnresolved() : NoneReady(target.upstream());
}

}  // namespace tollgate::forward
