#include "proxy/pipeline/answer_writer.h"

#include <span>

#include "proxy/cache/cache_status.h"
#include "proxy/cache/conditional.h"
#include "proxy/cors/cors_table.h"
#include "proxy/exchange/rule_edits.h"
#include "proxy/http/head_writer.h"
#include "proxy/pipeline/https_redirect.h"
#include "proxy/pipeline/problem_answer.h"

namespace tollgate::pipeline {

using exchange::Exchange;

namespace {

// In place of the upstream's: of two of a name browsers take the first, or none.
void AddRouteFields(std::span<const http::Field> fields, exchange::Answer& answer) {
  for (const http::Field& own : fields) {
    answer.fields.EraseIf(
        [&](const http::Field& field) { return http::EqualsIgnoringCase(field.name, own.name); });
    (void)answer.fields.Add(own);
  }
}

}  // namespace

io::Task<void> AnswerWriter::SendProblem(Exchange& x, const exchange::Error& error) {
  x.problem = exchange::RowOf(error.problem).slug;
  x.reason = error.reason.empty() ? x.problem : error.reason;
  exchange::Answer answer;
  const std::string_view body = MakeProblem(error, x, answer);
  co_await SendOwn(x, answer, body);
}

io::Task<void> AnswerWriter::LeadToTls(Exchange& x) {
  exchange::Answer answer;
  MakeHttpsRedirect(x.target, https_port_, x.arena, answer);
  x.reason = "https-redirect";
  co_await SendOwn(x, answer, {});
}

io::Task<void> AnswerWriter::SendOwn(Exchange& x, exchange::Answer& answer, std::string_view body) {
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

io::Task<void> AnswerWriter::SendStored(Exchange& x, const cache::Lookup& lookup) {
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
  TakeOver(x, answer);
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

void AnswerWriter::TakeOver(Exchange& x, exchange::Answer& answer) {
  if (x.edits != nullptr) x.edits->EditAnswer(x, answer);
  if (x.cross_origin) cors::DropOriginFields(answer);
}

void AnswerWriter::AddGatewayFields(const Exchange& x, exchange::Answer& answer) {
  AddRouteFields(x.route_fields, answer);
  if (x.cross_origin) cors::AddOriginFields(*x.cross_origin, answer);
  answer.Add("X-Request-Id", x.request_id);
  if (!x.cache_status.empty()) answer.Add("Cache-Status", x.cache_status);
  if (!x.rate_limit.empty()) answer.Add("RateLimit", x.rate_limit);
  if (!x.rate_limit_policy.empty()) answer.Add("RateLimit-Policy", x.rate_limit_policy);
}

std::string_view AnswerWriter::Date() {
  const int64_t second = clock_.Now() / 1'000'000;
  if (second != date_second_) {
    date_ = http::FormatHttpDate(second);
    date_second_ = second;
  }
  return date_;
}

}  // namespace tollgate::pipeline
