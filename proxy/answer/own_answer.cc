#include "proxy/answer/own_answer.h"

namespace tollgate::answer {
namespace {

using exchange::Error;
using exchange::Exchange;
using exchange::Outcome;
using exchange::Problem;

// The caller's own host where the redirect names none. With its port, unless another scheme, whose own port
// counts then, is named.
std::string_view AuthorityOf(const Exchange& x, const api::Redirect& redirect) {
  if (!redirect.host().empty()) return redirect.host();
  return redirect.scheme().empty() ? x.target.authority : x.target.host;
}

// It always has an authority: a path that begins with "//" would else be one (RFC 3986, section 4.2), and
// lead wherever the caller wrote. It has a scheme only where the rule names one: a balancer in front may have
// taken TLS away, and then the gateway does not know the caller's.
Outcome<std::string_view> LocationOf(Exchange& x, const api::Redirect& redirect,
                                     const exchange::PathRewrites& rewrites) {
  const std::string_view authority = AuthorityOf(x, redirect);
  if (authority.empty()) {
    return Error{.problem = Problem::kBadRequest,
                 .detail = "The request names no host that it could be sent back to; send Host.",
                 .reason = "redirect-without-host"};
  }
  const std::string_view path = rewrites.Apply(redirect.path(), x.routed->path, x.target.path, x.arena);
  return x.arena.Concat({redirect.scheme(), redirect.scheme().empty() ? "//" : "://", authority, path,
                         x.has_query ? "?" : "", x.has_query ? x.query : std::string_view()});
}

Outcome<std::string_view> Redirect(Exchange& x, const api::Redirect& redirect,
                                   const exchange::PathRewrites& rewrites, exchange::Answer& answer) {
  const Outcome<std::string_view> location = LocationOf(x, redirect, rewrites);
  if (!location.ok()) return location.error();
  answer.status = static_cast<int>(redirect.status());
  answer.Add("Location", *location);
  return std::string_view();
}

std::string_view Respond(const api::Respond& respond, exchange::Answer& answer) {
  answer.status = static_cast<int>(respond.status());
  for (const api::HeaderValue& header : respond.headers()) answer.Add(header.name(), header.value());
  if (!respond.body().empty()) answer.framing = {http::Framing::Kind::kLength, respond.body().size()};
  return respond.body();
}

}  // namespace

Outcome<std::string_view> MakeOwnAnswer(Exchange& x, const exchange::PathRewrites& rewrites,
                                        exchange::Answer& answer) {
  const api::Rule& rule = *x.routed->rule->spec;
  if (rule.has_redirect()) return Redirect(x, rule.redirect(), rewrites, answer);
  return Respond(rule.respond(), answer);
}

}  // namespace tollgate::answer
