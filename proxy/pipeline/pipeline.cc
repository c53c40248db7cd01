#include "proxy/pipeline/pipeline.h"

#include "proxy/answer/own_answer.h"
#include "proxy/cache/cache_status.h"
#include "proxy/cache/conditional.h"
#include "proxy/http/head_writer.h"
#include "proxy/pipeline/https_redirect.h"
#include "proxy/pipeline/problem_answer.h"
#include "proxy/tls/entrance.h"

namespace tollgate::pipeline {

using exchange::Error;
using exchange::Exchange;
using exchange::Outcome;
using exchange::Problem;

namespace {

// Paths below it belong to the gateway on every host; what it does not serve there, nobody does.
constexpr std::string_view kReservedPath = "/.tollgate/";

Outcome<Done> ParseTarget(Exchange& x) {
  const std::string_view fault = http::ParseTarget(x.head, x.target);
  if (!fault.empty()) {
    return Error{
        .problem = Problem::kUriInvalid, .detail = "The request target is invalid.", .reason = fault};
  }
  if (x.target.form == http::Target::Form::kAuthority) {
    return Error{.problem = Problem::kNotImplemented, .detail = "CONNECT is not served here."};
  }
  const bool reserved = x.target.path.starts_with(kReservedPath);
  if (reserved || x.target.form == http::Target::Form::kAsterisk) {
    return Error{.problem = Problem::kNoRoute, .detail = "No route serves this host and path."};
  }
  return Done{};
}

// The request as it goes on: without credentials, and with the query that the rule's cache keys.
void Strip(Exchange& x, const ServingState& state) {
  x.query = state.credentials.Strip(*x.routed, x.head.fields, x.target.query, x.arena, x.fields);
  x.has_query = x.target.has_query && !(x.query.empty() && !x.target.query.empty());
  const cache::Query forwarded =
      cache::ForwardedQuery(*x.routed->rule->spec, {x.query, x.has_query}, x.arena);
  x.query = forwarded.text;
  x.has_query = forwarded.present;
}

// What the log and the metrics see of a request whose connection was gone before it was answered. 499 is the
// code that nginx made usual for a caller who left.
void NoteLoss(Exchange& x, exchange::Caller caller) {
  x.source = exchange::Source::kGateway;
  x.reason = ReasonOf(caller);
  x.status = 499;
  if (caller != exchange::Caller::kCut) return;
  const exchange::ProblemRow& row = exchange::RowOf(Problem::kDraining);
  x.problem = row.slug;
  x.status = row.status;
}

cache::CacheRequest ToCacheRequest(Exchange& x, const exchange::Permitted& permitted) {
  return {.permitted = permitted,
          .method = x.head.method,
          .scheme = x.transport.scheme(),
          .host = x.target.host,
          .authority = x.target.authority,
          .path = x.target.path,
          .query = x.query,
          .has_query = x.has_query,
          .fields = x.fields,
          .has_body = x.downstream.request_framing().has_body(),
          .forwards_authorization = x.fields.Find(http::KnownHeader::kAuthorization) != nullptr,
          .forwards_cookie = x.fields.Find(http::KnownHeader::kCookie) != nullptr,
          .arena = x.arena};
}

}  // namespace

// Completes an upstream's answer with the gateway's own fields and lets the cache listen.
class Pipeline::AnswerFinisher final : public forward::AnswerObserver {
 public:
  AnswerFinisher(Pipeline& pipeline, Exchange& x, const cache::CacheRequest& request,
                 const cache::Lookup& lookup)
      : pipeline_(pipeline), x_(x), request_(request), lookup_(lookup), sent_(pipeline.clock().Now()) {}

  void OnHead(const http::ResponseHead& head, const http::Framing& framing,
              exchange::Answer& answer) override {
    cache::ResponseCache& cache = pipeline_.shared_.cache;
    if (pipeline_.shared_tier_) {
      pipeline_.shared_tier_->AnswerSeen(x_.head.method, x_.target.host, x_.target.path, head.status);
    } else {
      cache.AnswerSeen(x_.head.method, x_.target.host, x_.target.path, head.status);
    }
    if (lookup_.kind == cache::Lookup::Kind::kMiss) {
      if (auto recording = cache.Record(request_, lookup_, head, framing, sent_, pipeline_.clock().Now())) {
        recording_.emplace(std::move(*recording));
      }
    }
    x_.cache_status = cache::CacheStatus(lookup_, recording_.has_value(), x_.arena);
    if (head.fields.Find(http::KnownHeader::kDate) == nullptr) answer.Add("Date", pipeline_.Date());
    pipeline_.AddGatewayFields(x_, answer);
  }
  void OnBody(std::string_view piece) override {
    if (recording_) recording_->Append(piece);
  }
  void OnEnd(bool has_trailers) override {
    // A stored answer has none: who takes it from the cache would miss them.
    if (recording_ && !has_trailers) recording_->Commit();
  }

 private:
  Pipeline& pipeline_;
  Exchange& x_;
  const cache::CacheRequest& request_;
  const cache::Lookup& lookup_;
  const WallMicros sent_;
  std::optional<cache::Recording> recording_;
};

Pipeline::Pipeline(io::Loop& loop, size_t core, const Shared& shared, store::LimitStore& limits,
                   store::CacheStore* shared_cache, uint64_t seed)
    : core_(core),
      shared_(shared),
      live_(shared.live),
      limiter_(limits),
      forwarder_(loop, shared.pools, seed),
      request_ids_(seed) {
  if (shared_cache != nullptr) shared_tier_.emplace(*shared_cache, shared.cache, shared.clock);
}

io::Task<void> Pipeline::Serve(Exchange& x) {
  Begin(x);
  const std::shared_ptr<const ServingState> state = live_.Pin();
  if (state == nullptr) {
    const Error error{.problem = Problem::kNotConfigured,
                      .detail = "The gateway has no configuration yet.",
                      .retry_after = std::chrono::seconds(1)};
    co_await SendProblem(x, error);
    co_return End(x, {});
  }
  const Outcome<Done> outcome = co_await Answer(x, *state);
  if (!outcome.ok()) {
    const exchange::Caller caller = x.downstream.caller();
    if (caller == exchange::Caller::kThere) {
      co_await SendProblem(x, outcome.error());
    } else {
      NoteLoss(x, caller);  // what failed is a consequence
    }
  }
  End(x, state->version);
}

io::Task<Outcome<Done>> Pipeline::Answer(Exchange& x, const ServingState& state) {
  if (Outcome<Done> parsed = ParseTarget(x); !parsed.ok()) co_return parsed;

  const Outcome<tls::Entrance> entrance = tls::Enter(state.tls, x);
  if (!entrance.ok()) co_return entrance.error();
  if (*entrance == tls::Entrance::kLeadsToTls) {
    co_await LeadToTls(x);
    co_return Done{};
  }

  const Outcome<exchange::Routed> routed = state.routes.Find(x.head, x.target, x.arena);
  x.route = routed.ok() ? std::string_view(routed->route->name) : routed.error().route;
  x.rule = routed.ok() ? std::string_view(routed->rule->spec->name()) : routed.error().rule;
  if (!routed.ok()) co_return routed.error();
  x.routed = *routed;

  const Outcome<exchange::Identity> identity =
      state.authenticator.Identify(*routed, x.head.fields, x.target.query, x.received, x.arena);
  if (!identity.ok()) co_return identity.error();
  x.identity = *identity;

  const Outcome<exchange::Permitted> permitted = auth::Entitle(*routed, *identity);
  if (!permitted.ok()) co_return permitted.error();
  Strip(x, state);

  const limit::LimitDecision decision = co_await limiter_.Decide(state.limits, *permitted, x.peer, x.arena);
  NoteDecision(x, decision);
  if (decision.refusal) co_return *decision.refusal;
  if (answer::HasOwnAnswer(*routed->rule->spec)) co_return co_await AnswerByRule(x, state);

  const cache::CacheRequest request = ToCacheRequest(x, *permitted);
  cache::Lookup lookup = shared_.cache.Find(request, shared_.clock.Now());
  if (shared_tier_ && lookup.missed()) co_await shared_tier_->Find(request, lookup);
  if (request.rule() != nullptr) NoteLookup(x, lookup);
  if (lookup.kind == cache::Lookup::Kind::kHit) {
    co_await AnswerFromCache(x, lookup);
    co_return Done{};
  }
  co_return co_await AnswerFromUpstream(x, state, request, lookup);
}

io::Task<Outcome<Done>> Pipeline::AnswerByRule(Exchange& x, const ServingState& state) {
  exchange::Answer answer;
  const Outcome<std::string_view> body = answer::MakeOwnAnswer(x, state.forwarding.rewrites, answer);
  if (!body.ok()) co_return body.error();
  co_await SendOwn(x, answer, *body);
  co_return Done{};
}

io::Task<Outcome<Done>> Pipeline::AnswerFromUpstream(Exchange& x, const ServingState& state,
                                                     const cache::CacheRequest& request,
                                                     const cache::Lookup& lookup) {
  x.cache_status = cache::CacheStatus(lookup, false, x.arena);
  if (lookup.kind == cache::Lookup::Kind::kOnlyIfCached) {
    co_return Error{.problem = Problem::kUpstreamTimeout,
                    .detail = "The request wants a stored answer (only-if-cached) and there is none.",
                    .reason = "only-if-cached"};
  }
  AnswerFinisher finisher(*this, x, request, lookup);
  co_return co_await forwarder_.Forward(x, state.forwarding, finisher);
}

io::Task<void> Pipeline::AnswerFromCache(Exchange& x, const cache::Lookup& lookup) {
  const cache::StoredResponse& stored = *lookup.response;
  x.source = exchange::Source::kCache;
  x.cache_status = cache::CacheStatus(lookup, false, x.arena);
  const bool not_modified = cache::IsNotModified(stored, x.head.fields);
  exchange::Answer answer;
  answer.status = x.status = not_modified ? 304 : stored.status;
  for (const http::Field& field : not_modified ? stored.not_modified() : std::span(stored.fields)) {
    if (x.tells_limits() && http::IsRateLimitField(field)) continue;
    (void)answer.fields.Add(field);
  }
  answer.Add("Age", x.arena.Keep(std::to_string(lookup.age_seconds)));
  AddGatewayFields(x, answer);
  const bool has_content = !not_modified && stored.status != 204;
  const bool with_body = has_content && x.head.method != "HEAD";
  answer.has_declared_length = has_content;
  answer.declared_length = stored.body.size();
  if (with_body) answer.framing = {http::Framing::Kind::kLength, stored.body.size()};
  x.answered = SteadyNow();
  const bool sent = co_await x.downstream.SendHead(
      answer, with_body ? std::string_view(stored.body) : std::string_view(), true);
  if (!sent) x.reason = ReasonOf(x.downstream.caller());
}

io::Task<void> Pipeline::LeadToTls(Exchange& x) {
  exchange::Answer answer;
  MakeHttpsRedirect(x.target, https_port_, x.arena, answer);
  x.status = answer.status;
  x.reason = "https-redirect";
  answer.Add("Date", Date());
  AddGatewayFields(x, answer);
  x.answered = SteadyNow();
  (void)co_await x.downstream.SendHead(answer, {}, true);
}

io::Task<void> Pipeline::Refuse(Exchange& x, const Error& error) {
  Begin(x);
  co_await SendProblem(x, error);
  const std::shared_ptr<const ServingState>& state = live_.Pin();
  End(x, state == nullptr ? std::string_view() : std::string_view(state->version));
}

io::Task<void> Pipeline::SendProblem(Exchange& x, const Error& error) {
  x.problem = exchange::RowOf(error.problem).slug;
  x.reason = error.reason.empty() ? x.problem : error.reason;
  exchange::Answer answer;
  const std::string_view body = MakeProblem(error, x.request_id, x.arena, answer);
  co_await SendOwn(x, answer, body);
}

io::Task<void> Pipeline::SendOwn(Exchange& x, exchange::Answer& answer, std::string_view body) {
  x.source = exchange::Source::kGateway;
  x.status = answer.status;
  answer.Add("Date", Date());
  AddGatewayFields(x, answer);
  if (x.head.method == "HEAD") {
    answer.has_declared_length = true;
    answer.declared_length = body.size();
    answer.framing = {};
    body = {};
  }
  x.answered = SteadyNow();
  (void)co_await x.downstream.SendHead(answer, body, true);
}

void Pipeline::Begin(Exchange& x) {
  x.received = shared_.clock.Now();
  x.started = SteadyNow();
  const std::string_view id = x.head.fields.Value(http::KnownHeader::kXRequestId);
  x.request_id = RequestIds::IsSafe(id) ? id : request_ids_.Make(x.arena);
}

void Pipeline::NoteDecision(Exchange& x, const limit::LimitDecision& decision) {
  if (!decision.limited) return;
  x.rate_limit = decision.rate_limit;
  x.rate_limit_policy = decision.rate_limit_policy;
  x.verdict = decision.verdict;
  x.store_time = decision.store_time;
  x.charged = decision.charged;
  x.store_outage = decision.outage;
  const std::string_view plan = x.identity.plan == nullptr ? std::string_view() : x.identity.plan->name;
  metrics_.Count(observe::Counter::kLimitDecisions, {plan, decision.refused_by, decision.verdict});
  if (!decision.outage.empty()) {
    metrics_.Count(observe::Counter::kOutageDecisions, {plan, decision.outage});
  }
  if (decision.store_wait.count() > 0) metrics_.ObserveStore(observe::Store::kLimits, decision.store_wait);
}

void Pipeline::NoteLookup(Exchange& x, const cache::Lookup& lookup) {
  using cache::Lookup;
  const std::string_view route = x.routed->route->name;
  const bool asked_shared = lookup.shared_result != cache::SharedResult::kNotAsked;
  const bool hit = lookup.kind == Lookup::Kind::kHit && !asked_shared;
  const bool bypass = lookup.kind == Lookup::Kind::kBypass;
  metrics_.Count(observe::Counter::kCacheLookups, {route, "memory",
                                                   hit      ? "hit"
                                                   : bypass ? "bypass"
                                                            : "miss"});
  if (!asked_shared) return;
  metrics_.Count(observe::Counter::kCacheLookups, {route, "shared", cache::TextOf(lookup.shared_result)});
  if (lookup.shared_took.count() > 0) metrics_.ObserveStore(observe::Store::kCache, lookup.shared_took);
}

void Pipeline::AddGatewayFields(const Exchange& x, exchange::Answer& answer) {
  answer.Add("X-Request-Id", x.request_id);
  if (!x.cache_status.empty()) answer.Add("Cache-Status", x.cache_status);
  if (!x.rate_limit.empty()) answer.Add("RateLimit", x.rate_limit);
  if (!x.rate_limit_policy.empty()) answer.Add("RateLimit-Policy", x.rate_limit_policy);
}

std::string_view Pipeline::Date() {
  const int64_t second = shared_.clock.Now() / 1'000'000;
  if (second != date_second_) {
    date_ = http::FormatHttpDate(second);
    date_second_ = second;
  }
  return date_;
}

void Pipeline::End(const Exchange& x, std::string_view version) {
  const SteadyTime::duration took = SteadyNow() - x.started;
  metrics_.CountRequest(x, took);
  shared_.access_log.Append(core_, x, took, version.substr(0, 12));
}

}  // namespace tollgate::pipeline
