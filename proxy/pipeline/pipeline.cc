#include "proxy/pipeline/pipeline.h"

#include "proxy/answer/own_answer.h"
#include "proxy/cache/cache_status.h"
#include "proxy/exchange/grpc.h"
#include "proxy/guard/client_address.h"
#include "proxy/pipeline/answer_finisher.h"
#include "proxy/pipeline/notes.h"
#include "proxy/pipeline/web_socket.h"
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
    return exchange::NoRoute();
  }
  return Done{};
}

// A browser's question whether it may send a request goes where that request would, as far as it tells.
Outcome<exchange::Routed> FindRule(Exchange& x, const ServingState& state) {
  const std::string_view method = state.cors.PreflightedMethod(x.head);
  if (!method.empty()) {
    const auto asked_about = state.routes.FindPreflighted(method, x.head, x.target, x.arena);
    if (asked_about && state.cors.Has(asked_about->rule->route)) return *asked_about;
  }
  return state.routes.Find(x.head, x.target, x.arena);
}

Outcome<Done> Route(Exchange& x, const ServingState& state) {
  const Outcome<exchange::Routed> routed = FindRule(x, state);
  x.route = routed.ok() ? std::string_view(routed->route->name) : routed.error().route;
  x.rule = routed.ok() ? std::string_view(routed->rule->spec->name()) : routed.error().rule;
  if (!routed.ok()) return routed.error();
  x.routed = *routed;
  x.edits = state.edits.Of(routed->rule_index);
  return Done{};
}

bool IsPreflight(const Exchange& x, const ServingState& state) {
  return x.cross_origin && !state.cors.PreflightedMethod(x.head).empty();
}

// What is to seem as if there were no route says nothing of it either.
Outcome<Done> Guard(Exchange& x, const ServingState& state) {
  Outcome<Done> let_in = state.guards.Admit(x);
  if (!let_in.ok() && let_in.error().problem == Problem::kNoRoute) return let_in;
  state.cors.Mark(x);
  x.error_templates = state.error_templates.Of(x.routed->rule->route);
  return let_in;
}

Outcome<exchange::Permitted> Admit(Exchange& x, const ServingState& state) {
  const Outcome<exchange::Identity> identity =
      state.authenticator.Identify(*x.routed, x.head.fields, x.target.query, x.received, x.arena);
  if (!identity.ok()) return identity.error();
  x.identity = *identity;
  return auth::Entitle(*x.routed, *identity);
}

// The request as it goes on: without credentials, with the query that the rule's cache keys, and with the
// head that the rule makes of it.
Outcome<Done> Prepare(Exchange& x, const ServingState& state) {
  x.query = state.credentials.Strip(*x.routed, x.head.fields, x.target.query, x.arena, x.fields);
  state.guards.StripTokens(*x.routed, x.fields);
  HandOnTrace(x);
  x.has_query = x.target.has_query && !(x.query.empty() && !x.target.query.empty());
  const cache::Query forwarded =
      cache::ForwardedQuery(*x.routed->rule->spec, {x.query, x.has_query}, x.arena);
  x.query = forwarded.text;
  x.has_query = forwarded.present;
  return x.edits == nullptr ? Outcome<Done>(Done{}) : x.edits->EditRequest(x);
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
          .has_body = x.downstream.request_framing().has_body() || x.web_socket,
          .forwards_authorization = x.fields.Find(http::KnownHeader::kAuthorization) != nullptr,
          .forwards_cookie = x.fields.Find(http::KnownHeader::kCookie) != nullptr,
          .arena = x.arena};
}

}  // namespace

Pipeline::Pipeline(io::Loop& loop, size_t core, const Shared& shared, store::LimitStore& limits,
                   store::CacheStore* shared_cache, uint64_t seed)
    : core_(core),
      shared_(shared),
      live_(shared.live),
      limiter_(limits),
      forwarder_(loop, shared.pools, seed),
      request_ids_(seed),
      writer_(loop, shared.clock) {
  if (shared_cache != nullptr) shared_tier_.emplace(*shared_cache, shared.cache, shared.clock);
}

io::Task<void> Pipeline::Serve(Exchange& x) {
  Begin(x);
  Tracing tracing(shared_.spans, core_, request_ids_, x);
  const LoadGuard::Turn turn(shared_.guard);
  if (!turn.refused_by().empty()) {
    const Error error{.problem = Problem::kOverloaded,
                      .detail = "The gateway has no room for another request just now.",
                      .reason = turn.refused_by(),
                      .retry_after = std::chrono::seconds(1)};
    co_await writer_.SendProblem(x, error);
    co_return End(x, tracing, {});
  }
  const std::shared_ptr<const ServingState> state = live_.Pin();
  if (state == nullptr) {
    const Error error{.problem = Problem::kNotConfigured,
                      .detail = "The gateway has no configuration yet.",
                      .retry_after = std::chrono::seconds(1)};
    co_await writer_.SendProblem(x, error);
    co_return End(x, tracing, {});
  }
  const Outcome<Done> outcome = co_await Answer(x, *state);
  if (!outcome.ok()) {
    const exchange::Caller caller = x.downstream.caller();
    if (caller == exchange::Caller::kThere) {
      co_await writer_.SendProblem(x, outcome.error());
    } else {
      NoteLoss(x, caller);  // what failed is a consequence
    }
  }
  End(x, tracing, state->version);
}

// The order of the stages is the API's ("Order").
io::Task<Outcome<Done>> Pipeline::Answer(Exchange& x, const ServingState& state) {
  if (Outcome<Done> parsed = ParseTarget(x); !parsed.ok()) co_return parsed;
  if (Outcome<Done> read = exchange::ReadGrpcDeadline(x); !read.ok()) co_return read;

  const Outcome<tls::Entrance> entrance = tls::Enter(state.tls, x);
  if (!entrance.ok()) co_return entrance.error();
  if (*entrance == tls::Entrance::kLeadsToTls) {
    co_await writer_.LeadToTls(x);
    co_return Done{};
  }
  if (Outcome<Done> routed = Route(x, state); !routed.ok()) co_return routed;
  if (Outcome<Done> let_in = Guard(x, state); !let_in.ok()) co_return let_in;
  if (IsPreflight(x, state)) co_return co_await AnswerPreflight(x, state);

  const Outcome<exchange::Permitted> permitted = Admit(x, state);
  if (!permitted.ok()) co_return permitted.error();
  if (Outcome<Done> prepared = Prepare(x, state); !prepared.ok()) co_return prepared;
  if (Outcome<Done> admitted = AdmitWebSocket(x); !admitted.ok()) co_return admitted;

  const limit::LimitDecision decision =
      co_await limiter_.Decide(state.limits, *permitted, x.client(), x.arena);
  NoteDecision(x, decision, metrics_);
  if (decision.refusal) co_return *decision.refusal;

  if (answer::HasOwnAnswer(*x.routed->rule->spec)) co_return co_await AnswerByRule(x, state);
  co_return co_await AnswerThroughCache(x, state, *permitted);
}

io::Task<Outcome<Done>> Pipeline::AnswerPreflight(Exchange& x, const ServingState& state) {
  exchange::Answer answer;
  state.cors.AnswerPreflight(x, answer);
  co_await writer_.SendOwn(x, answer, {});
  co_return Done{};
}

io::Task<Outcome<Done>> Pipeline::AnswerByRule(Exchange& x, const ServingState& state) {
  exchange::Answer answer;
  const Outcome<std::string_view> body = answer::MakeOwnAnswer(x, state.forwarding.rewrites, answer);
  if (!body.ok()) co_return body.error();
  co_await writer_.SendByRule(x, answer, *body);
  co_return Done{};
}

io::Task<Outcome<Done>> Pipeline::AnswerThroughCache(Exchange& x, const ServingState& state,
                                                     const exchange::Permitted& permitted) {
  const cache::CacheRequest request = ToCacheRequest(x, permitted);
  cache::Lookup lookup = shared_.cache.Find(request, shared_.clock.Now());
  if (shared_tier_ && lookup.missed()) co_await shared_tier_->Find(request, lookup);
  if (request.rule() != nullptr) NoteLookup(x, lookup, metrics_);
  if (lookup.kind == cache::Lookup::Kind::kHit) {
    co_await writer_.SendStored(x, lookup);
    co_return Done{};
  }
  co_return co_await AnswerFromUpstream(x, state, request, lookup);
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
  AnswerFinisher finisher(x, writer_, {shared_.cache, shared_tier_ ? &*shared_tier_ : nullptr}, request,
                          lookup, shared_.clock);
  co_return co_await forwarder_.Forward(x, state.forwarding, finisher);
}

io::Task<void> Pipeline::Refuse(Exchange& x, const Error& error) {
  Begin(x);
  Tracing tracing(shared_.spans, core_, request_ids_, x);
  co_await writer_.SendProblem(x, error);
  const std::shared_ptr<const ServingState>& state = live_.Pin();
  End(x, tracing, state == nullptr ? std::string_view() : std::string_view(state->version));
}

void Pipeline::Begin(Exchange& x) {
  x.received = shared_.clock.Now();
  x.started = SteadyNow();
  x.grpc.is_call = exchange::IsGrpc(x.head.fields);
  if (shared_.trusted_hops > 0) guard::FindClient(shared_.trusted_hops, x);
  const std::string_view id = x.head.fields.Value(http::KnownHeader::kXRequestId);
  x.request_id = RequestIds::IsSafe(id) ? id : request_ids_.Make(x.arena);
}

void Pipeline::End(const Exchange& x, Tracing& tracing, std::string_view version) {
  const SteadyTime::duration took = SteadyNow() - x.started;
  metrics_.CountRequest(x, took);
  shared_.access_log.Append(core_, x, took, version.substr(0, 12));
  tracing.End(took);
}

}  // namespace tollgate::pipeline
