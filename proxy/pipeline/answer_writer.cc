#include "proxy/pipeline/answer_writer.h"

#include <algorithm>
#include <span>

#include "proxy/cache/cache_status.h"
#include "proxy/cache/conditional.h"
#include "proxy/cors/cors_table.h"
#include "proxy/exchange/rule_edits.h"
#include "proxy/http/head_writer.h"
#include "proxy/io/buffer_pool.h"
#include "proxy/io/turn.h"
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

// Some milliseconds of work.
constexpr size_t kStep = io::kBlockBytes;

// A body that is here whole: its length is known then.
std::string_view Compress(std::string_view body, compress::Compression& compression,
                          exchange::Answer& answer) {
  compression.Add(body);
  const std::string_view whole = compression.Take(compress::Encoder::Behind::kEnd);
  answer.framing = {http::Framing::Kind::kLength, whole.size()};
  return whole;
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
  const bool has_content = !not_modified && stored.status != 204;
  const bool with_body = has_content && x.head.method != "HEAD";
  answer.has_declared_length = has_content;
  answer.declared_length = stored.body.size();
  if (with_body) answer.framing = {http::Framing::Kind::kLength, stored.body.size()};
  compress::Compression compression = TakeOver(x, answer);
  answer.Add("Age", x.arena.Keep(std::to_string(lookup.age_seconds)));
  AddGatewayFields(x, answer);
  x.answered = SteadyNow();
  const std::string_view body = with_body ? std::string_view(stored.body) : std::string_view();
  bool sent;
  if (compression) {
    sent = co_await SendCompressed(x, answer, body, compression);
  } else {
    sent = co_await x.downstream.SendHead(answer, body, true);
  }
  if (!sent) x.reason = ReasonOf(x.downstream.caller());
}

// A large body in several steps: the core serves others between them.
io::Task<bool> AnswerWriter::SendCompressed(Exchange& x, exchange::Answer& answer, std::string_view body,
                                            compress::Compression& compression) {
  if (body.size() <= kStep) {
    const std::string_view whole = Compress(body, compression, answer);
    co_return co_await x.downstream.SendHead(answer, whole, true);
  }
  bool sent = co_await x.downstream.SendHead(answer, {}, false);
  while (sent) {
    compression.Add(body.substr(0, kStep));
    body.remove_prefix(std::min(kStep, body.size()));
    const bool last = body.empty();
    const std::string_view piece =
        compression.Take(last ? compress::Encoder::Behind::kEnd : compress::Encoder::Behind::kMore);
    if (last || !piece.empty()) sent = co_await x.downstream.SendBody(piece, last);
    if (last) break;
    io::Turn turn(loop_);
    co_await turn;
  }
  co_return sent;
}

io::Task<void> AnswerWriter::SendByRule(Exchange& x, exchange::Answer& answer, std::string_view body) {
  compress::Compression compression = TakeOver(x, answer);
  if (compression) body = Compress(body, compression, answer);
  co_await SendOwn(x, answer, body);
}

compress::Compression AnswerWriter::TakeOver(Exchange& x, exchange::Answer& answer) {
  if (x.edits != nullptr) x.edits->EditAnswer(x, answer);
  if (x.cross_origin) cors::DropOriginFields(answer);
  return compress::Begin(x, compressing_, answer);
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
