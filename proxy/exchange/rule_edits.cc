#include "proxy/exchange/rule_edits.h"

#include <algorithm>
#include <array>

#include "proxy/http/characters.h"

namespace tollgate::exchange {
namespace {

using api::ValueTemplate;
using api::Variable;
using http::EqualsIgnoringCase;

// What a caller needs in order to read the body, to keep it, or to act on the status.
bool BelongsToBody(std::string_view name) {
  constexpr std::array kNames = std::to_array<std::string_view>(
      {"accept-ranges", "age", "allow", "cache-control", "date", "etag", "expires", "last-modified",
       "location", "retry-after", "vary", "www-authenticate"});
  const auto begins_with = [name](std::string_view prefix) {
    return EqualsIgnoringCase(name.substr(0, prefix.size()), prefix);
  };
  return begins_with("content-") || begins_with("grpc-") ||
         std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view known) { return EqualsIgnoringCase(known, name); });
}

std::string_view ValueOf(const ValueTemplate::Piece& piece, const http::Captures& captures, Exchange& x) {
  const Identity& caller = x.identity;
  switch (*piece.variable) {
    case Variable::kConsumer: return caller.consumer_id();
    case Variable::kPlan: return caller.plan == nullptr ? std::string_view() : caller.plan->name;
    case Variable::kGroup: return caller.consumer == nullptr ? std::string_view() : caller.consumer->group();
    case Variable::kRoute: return x.route;
    case Variable::kRule: return x.rule;
    case Variable::kOperation: return x.routed->rule->spec->operation();
    case Variable::kRequestId: return x.request_id;
    case Variable::kClientAddress: return x.arena.Keep(x.client().ip());
    case Variable::kHost: return x.target.host;
    case Variable::kPath: return x.target.path;
    case Variable::kOfPath: return captures.Value(piece.text);
  }
  return {};
}

std::string_view Fill(const ValueTemplate& value, const http::Captures& captures, Exchange& x) {
  const std::vector<ValueTemplate::Piece>& pieces = value.pieces();
  if (pieces.size() == 1 && !pieces[0].variable) return pieces[0].text;
  std::array<std::string_view, ValueTemplate::kMostPieces> filled;
  size_t size = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    filled[i] = pieces[i].variable ? ValueOf(pieces[i], captures, x) : std::string_view(pieces[i].text);
    size += filled[i].size();
  }
  char* const text = x.arena.Allocate(size);
  char* at = text;
  for (size_t i = 0; i < pieces.size(); ++i) at = std::copy(filled[i].begin(), filled[i].end(), at);
  return http::TrimBlanks({text, size});
}

}  // namespace

RuleEdits::RuleEdits(const api::Rule& rule) : hides_upstream_(rule.hide_upstream_headers()) {
  Read(rule.request_headers(), request_);
  Read(rule.response_headers(), answer_);
  if (uses_path_) ReadMatches(rule);
}

void RuleEdits::Read(const api::HeaderEdits& spec, Edits& edits) {
  for (const std::string& name : spec.remove()) edits.remove.emplace_back(name);
  for (const api::HeaderValue& header : spec.set()) {
    Result<ValueTemplate> value = ValueTemplate::Parse(header.value());
    if (!value) {
      broken_ = true;
      continue;
    }
    for (const ValueTemplate::Piece& piece : value->pieces()) {
      uses_path_ = uses_path_ || piece.variable == Variable::kOfPath;
    }
    edits.set.push_back({header.name(), *std::move(value)});
  }
}

void RuleEdits::ReadMatches(const api::Rule& rule) {
  for (const api::Match& match : rule.matches()) {
    if (match.path().type() != api::PathMatch::TEMPLATE) continue;
    if (const auto parsed = http::PathTemplate::Parse(match.path().value())) {
      matches_.emplace(&match.path(), *parsed);
    }
  }
}

// A value in which nothing is left to say is not sent.
void RuleEdits::Set(const Edits& edits, Exchange& x, http::Fields& fields) const {
  http::Captures captures;
  if (uses_path_) {
    const auto match = matches_.find(x.routed->path);
    if (match != matches_.end()) (void)match->second.Match(x.target.path, captures);
  }
  for (const Value& header : edits.set) {
    const std::string_view value = Fill(header.value, captures, x);
    if (!value.empty()) (void)fields.Add({header.name, value, http::Classify(header.name)});
  }
}

Outcome<Done> RuleEdits::EditRequest(Exchange& x) const {
  if (broken_) {
    return Error{.problem = Problem::kRuleBroken,
                 .detail =
                     "The configuration of this route is broken; its owner finds the reason in the "
                     "GatewayRoute's status.",
                 .reason = "edits-broken"};
  }
  // What stands behind CGI must not take a caller's X_Caller for the X-Caller that is set here.
  const auto same = [](std::string_view a, std::string_view b) {
    return EqualsIgnoringCase(a, b) || http::IsLookAlike(a, b);
  };
  x.fields.EraseIf([&](const http::Field& field) {
    return std::any_of(request_.remove.begin(), request_.remove.end(),
                       [&](std::string_view name) { return same(name, field.name); }) ||
           std::any_of(request_.set.begin(), request_.set.end(),
                       [&](const Value& header) { return same(header.name, field.name); });
  });
  if (x.fields.size() + request_.set.size() > http::Fields::kMax) {
    return Error{.problem = Problem::kHeadersTooLarge,
                 .detail = "The request has more header fields than leave room for those of the gateway."};
  }
  Set(request_, x, x.fields);
  return Done{};
}

void RuleEdits::EditAnswer(Exchange& x, Answer& answer) const {
  answer.fields.EraseIf([&](const http::Field& field) {
    return (hides_upstream_ && !BelongsToBody(field.name)) ||
           std::any_of(answer_.remove.begin(), answer_.remove.end(),
                       [&](std::string_view name) { return EqualsIgnoringCase(name, field.name); }) ||
           std::any_of(answer_.set.begin(), answer_.set.end(),
                       [&](const Value& header) { return EqualsIgnoringCase(header.name, field.name); });
  });
  Set(answer_, x, answer.fields);
}

EditTable::EditTable(const snapshot::Catalog& catalog) {
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    const api::Rule& spec = *rule.spec;
    const bool edits =
        spec.has_request_headers() || spec.has_response_headers() || spec.hide_upstream_headers();
    edits_.push_back(edits ? std::make_unique<const RuleEdits>(spec) : nullptr);
  }
}

}  // namespace tollgate::exchange
