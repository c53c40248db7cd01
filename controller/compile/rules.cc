#include "controller/compile/rules.h"

#include <algorithm>
#include <chrono>

#include "controller/compile/cache_policy.h"
#include "controller/compile/header_edits.h"
#include "controller/compile/matches.h"
#include "controller/compile/own_answer.h"
#include "controller/compile/routes.h"
#include "controller/compile/target_tls.h"
#include "controller/compile/upstream_policy.h"

namespace tollgate::compile {
namespace {

using resource::Rule;
using std::chrono::milliseconds;

// A connection inside a cluster is made in milliseconds or not at all; an answer that has not begun after 15
// s has lost its caller; a stream that is silent for a minute is dead. No total: it would cut streams.
constexpr milliseconds kConnectTimeout{1'000};
constexpr milliseconds kFirstByteTimeout{15'000};
constexpr milliseconds kIdleTimeout{60'000};
constexpr milliseconds kNoTimeout{0};
// Whoever wants a share says so.
constexpr int kMirrorPercent = 100;

uint64_t Milliseconds(const std::optional<milliseconds>& value, milliseconds fallback) {
  return static_cast<uint64_t>(value.value_or(fallback).count());
}

bool SpeaksGrpcAlone(const Rule& rule) {
  return !rule.targets.empty() &&
         std::all_of(rule.targets.begin(), rule.targets.end(),
                     [](const resource::Target& target) { return resource::SpeaksGrpc(target.protocol); });
}

// The head of a call of gRPC comes with its first message, for which a stream may wait: until then it is
// idle.
milliseconds UsualFirstByte(const Rule& rule) {
  if (!SpeaksGrpcAlone(rule)) return kFirstByteTimeout;
  return std::max(kFirstByteTimeout, rule.timeouts.idle.value_or(kIdleTimeout));
}

api::Timeouts CompileTimeouts(const Rule& rule) {
  const resource::Timeouts& timeouts = rule.timeouts;
  api::Timeouts compiled;
  compiled.set_connect_ms(Milliseconds(timeouts.connect, kConnectTimeout));
  compiled.set_first_byte_ms(Milliseconds(timeouts.first_byte, UsualFirstByte(rule)));
  compiled.set_idle_ms(Milliseconds(timeouts.idle, kIdleTimeout));
  compiled.set_total_ms(Milliseconds(timeouts.total, kNoTimeout));
  return compiled;
}

resource::Mistake WithoutEndpoints(const std::string& field, const NamedUpstream& upstream) {
  if (upstream.endpoints.has_fqdn_slice) {
    return {field, "Service " + upstream.name +
                       " has no endpoint with an address: requests get 503, an EndpointSlice of addressType "
                       "FQDN is not forwarded to; give it one of type IPv4 or IPv6"};
  }
  return {field, "Service " + upstream.name +
                     " has no endpoint that is ready: requests get 503 until one of its pods is"};
}

resource::Mistake TooManyEndpoints(const std::string& field, const NamedUpstream& upstream) {
  const size_t left_out = upstream.endpoints.left_out;
  return {field, "Service " + upstream.name + " has " + std::to_string(kMostEndpoints + left_out) +
                     " endpoints, of which the first " + std::to_string(kMostEndpoints) +
                     " are sent requests: divide its pods among several Services"};
}

void AddWarnings(const std::string& field, const NamedUpstream& upstream, CompiledRule& result) {
  if (upstream.endpoints.upstream.endpoints().empty()) {
    result.without_endpoints.push_back(WithoutEndpoints(field, upstream));
  }
  if (upstream.endpoints.left_out > 0) {
    result.too_many_endpoints.push_back(TooManyEndpoints(field, upstream));
  }
}

// Empty: the host that the caller asked for.
std::string RewriteHost(const resource::Target& target, const NamedUpstream& upstream) {
  using Type = resource::HostRewrite::Type;
  // A Service serves the hosts of its routes; a host outside knows itself alone.
  const Type usual = target.url ? Type::kUpstream : Type::kOriginal;
  const resource::HostRewrite rewrite = target.rewrite_host.value_or(resource::HostRewrite{usual, {}});
  if (rewrite.type == Type::kUpstream) return HostOf(target, upstream);
  return rewrite.type == Type::kName ? rewrite.name : "";
}

api::Target::Protocol CompileProtocol(resource::Protocol protocol) {
  switch (protocol) {
    case resource::Protocol::kH2c: return api::Target::HTTP2;
    case resource::Protocol::kGrpc:
    case resource::Protocol::kGrpcs: return api::Target::GRPC;
    case resource::Protocol::kHttp:
    case resource::Protocol::kHttps: break;
  }
  return api::Target::HTTP1;
}

// Any target that does not resolve breaks the rule as a whole. To serve the others would move its share of
// the traffic to them unasked, and with a strategy that asks targets in order it would skip the one that
// comes first.
void AddTarget(const resource::Target& target, const std::string& space, const std::string& field,
               const RouteInputs& inputs, UpstreamTable& upstreams, CompiledRule& result) {
  Result<const NamedUpstream*, UnresolvedService> upstream =
      target.url ? &upstreams.ResolveUrl(*target.url) : upstreams.Resolve(space, target.service);
  if (!upstream) {
    result.unresolved.push_back({upstream.error().reason, {field + ".serviceRef", upstream.error().message}});
    return;
  }
  AddWarnings(field + ".serviceRef", **upstream, result);
  api::Target* compiled = result.rule->add_targets();
  compiled->set_upstream((*upstream)->name);
  compiled->set_protocol(CompileProtocol(target.protocol));
  compiled->set_weight(static_cast<uint32_t>(target.weight));
  compiled->set_rewrite_path(target.rewrite_path.value_or(""));
  compiled->set_rewrite_host(RewriteHost(target, **upstream));
  for (UnresolvedRef& ref :
       AddTargetTls(target, **upstream, space, field, inputs.objects, inputs.options, *compiled)) {
    result.unresolved.push_back(std::move(ref));
  }
}

// An upgrade is HTTP/1.1's: over HTTP/2 there is no connection that could become the caller's alone.
void CheckWebSocket(const Rule& rule, const std::string& field, CompiledRule& result) {
  if (!rule.web_socket) return;
  for (size_t i = 0; i < rule.targets.size(); ++i) {
    if (!resource::SpeaksHttp2(rule.targets[i].protocol)) continue;
    result.mistakes.push_back(
        {field + ".upstream.targets[" + std::to_string(i) + "].protocol",
         "WebSockets are spoken with targets of protocol HTTP or HTTPS alone: choose one, or "
         "remove protocols.webSocket"});
  }
}

// A probe is a request over HTTP/1.1, which others need not understand.
void CheckProbes(const Rule& rule, const std::string& field, CompiledRule& result) {
  if (!rule.active_health) return;
  const auto understands = [](const resource::Target& target) {
    return target.protocol == resource::Protocol::kHttp || target.protocol == resource::Protocol::kHttps;
  };
  if (std::all_of(rule.targets.begin(), rule.targets.end(), understands)) return;
  result.mistakes.push_back(
      {field + ".upstream.health.active",
       "endpoints are probed over HTTP/1.1, which targets of protocol HTTP and HTTPS alone "
       "understand: choose one, or remove health.active"});
}

void AddTargets(const Rule& rule, const std::string& space, const std::string& field,
                const RouteInputs& inputs, UpstreamTable& upstreams, CompiledRule& result) {
  for (size_t i = 0; i < rule.targets.size(); ++i) {
    AddTarget(rule.targets[i], space, field + ".upstream.targets[" + std::to_string(i) + "]", inputs,
              upstreams, result);
  }
  CheckWebSocket(rule, field, result);
  CheckProbes(rule, field, result);
  const bool goes_nowhere = std::all_of(rule.targets.begin(), rule.targets.end(),
                                        [](const resource::Target& target) { return target.weight == 0; });
  if (goes_nowhere) {
    result.mistakes.push_back({field + ".upstream.targets",
                               "no target has a weight above 0, so no request could be forwarded: add one"});
  }
}

void AddDestination(const Rule& rule, const std::string& space, const std::string& field,
                    const RouteInputs& inputs, UpstreamTable& upstreams, CompiledRule& result) {
  if (rule.redirect) {
    *result.rule->mutable_redirect() = CompileRedirect(*rule.redirect);
  } else if (rule.respond) {
    *result.rule->mutable_respond() = CompileRespond(*rule.respond);
  } else {
    AddTargets(rule, space, field, inputs, upstreams, result);
  }
}

// Without its mirror a rule serves all the same: callers do not see it.
void AddMirror(const resource::Mirror& mirror, const std::string& space, const std::string& field,
               UpstreamTable& upstreams, CompiledRule& result) {
  const std::string where = field + ".upstream.mirror.serviceRef";
  Result<const NamedUpstream*, UnresolvedService> upstream = upstreams.Resolve(space, mirror.service);
  if (!upstream) {
    result.unresolved.push_back({upstream.error().reason, {where, upstream.error().message}});
    return;
  }
  AddWarnings(where, **upstream, result);
  api::Mirror& compiled = *result.rule->mutable_mirror();
  compiled.mutable_target()->set_upstream((*upstream)->name);
  compiled.mutable_target()->set_protocol(api::Target::HTTP1);
  compiled.set_percent(static_cast<uint32_t>(mirror.percent.value_or(kMirrorPercent)));
}

// Takes the rule away where its matches cannot be relied on; then there is at least one mistake.
void AddMatches(const Rule& rule, const std::string& field, const RegexTable& regexes, CompiledRule& result) {
  CompiledMatches matches = CompileMatches(rule, field, regexes);
  const bool readable = rule.matches_readable && matches.mistakes.empty();
  result.mistakes.insert(result.mistakes.end(), matches.mistakes.begin(), matches.mistakes.end());
  if (!readable) {
    result.rule.reset();
    if (result.mistakes.empty()) {
      result.mistakes.push_back({field + ".matches", "cannot be read: compare it with kubectl explain"});
    }
    return;
  }
  for (api::Match& match : matches.matches) *result.rule->add_matches() = std::move(match);
}

// Nothing by which a request could still be forwarded is kept in a rule that is broken.
void Break(const std::vector<resource::Mistake>& mistakes, api::Rule& rule) {
  rule.clear_targets();
  rule.clear_answer();
  rule.set_broken(Summarize(mistakes));
}

std::vector<resource::Mistake> EverythingWrong(const CompiledRule& result) {
  std::vector<resource::Mistake> wrong = result.mistakes;
  for (const UnresolvedRef& ref : result.unresolved) wrong.push_back(ref.mistake);
  return wrong;
}

}  // namespace

CompiledRule CompileRule(const resource::GatewayRoute& route, size_t index, const RouteInputs& inputs,
                         UpstreamTable& upstreams) {
  const Rule& rule = route.rules[index];
  const std::string field = "spec.rules[" + std::to_string(index) + "]";
  CompiledRule result;
  result.mistakes = rule.mistakes;
  result.rule.emplace().set_name(rule.name);
  // Plans grant and price by operation; a rule that gives none is one of its own.
  result.rule->set_operation(rule.operation.value_or(rule.name));
  AddMatches(rule, field, inputs.regexes, result);
  if (!result.rule) return result;
  // References of a rule that was not read whole would only be reported a second time.
  if (result.mistakes.empty()) AddDestination(rule, route.meta.name.space, field, inputs, upstreams, result);
  if (const auto wrong = EverythingWrong(result); !wrong.empty()) {
    Break(wrong, *result.rule);
    return result;
  }
  *result.rule->mutable_timeouts() = CompileTimeouts(rule);
  *result.rule->mutable_retry() = CompileRetry(rule.retry);
  *result.rule->mutable_balancing() = CompileBalancing(rule.balancing);
  *result.rule->mutable_limits() = CompileLimits(rule.limits);
  if (rule.passive_health) {
    *result.rule->mutable_passive_health() = CompilePassiveHealth(*rule.passive_health);
  }
  if (rule.active_health) {
    *result.rule->mutable_active_health() = CompileActiveHealth(*rule.active_health);
    if (!rule.passive_health) *result.rule->mutable_passive_health() = BoundOfActiveHealth();
  }
  if (rule.mirror) AddMirror(*rule.mirror, route.meta.name.space, field, upstreams, result);
  result.rule->set_web_socket(rule.web_socket);
  AddHeaderEdits(rule, *result.rule);
  if (rule.cache) *result.rule->mutable_cache() = CompileCache(*rule.cache, route.access);
  return result;
}

}  // namespace tollgate::compile
