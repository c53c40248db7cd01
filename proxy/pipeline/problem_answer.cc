#include "proxy/pipeline/problem_answer.h"

#include <string>

#include "api/base/json_text.h"
#include "proxy/exchange/error_templates.h"

namespace tollgate::pipeline {
namespace {

std::string ProblemDocument(const exchange::Error& error, std::string_view request_id) {
  const exchange::ProblemRow& row = exchange::RowOf(error.problem);
  std::string body = "{\"type\":\"";
  body.append(exchange::kProblemTypePrefix).append(row.slug).append("\",\"title\":");
  AppendJsonString(row.title, body);
  body.append(",\"status\":").append(std::to_string(row.status));
  body.append(",\"detail\":");
  AppendJsonString(error.detail, body);
  body.append(",\"requestId\":");
  AppendJsonString(request_id, body);
  body.append("}\n");
  return body;
}

}  // namespace

std::string_view MakeProblem(const exchange::Error& error, exchange::Exchange& x, exchange::Answer& answer) {
  exchange::Arena& arena = x.arena;
  exchange::ErrorTemplates::Document document{"application/problem+json", {}};
  if (x.error_templates == nullptr || !x.error_templates->Fill(error, x.request_id, document)) {
    document.body = ProblemDocument(error, x.request_id);
  }
  const std::string_view body = arena.Keep(document.body);
  answer.status = exchange::RowOf(error.problem).status;
  if (!body.empty()) answer.framing = {http::Framing::Kind::kLength, body.size()};
  answer.Add("Content-Type", document.content_type);
  // An answer that is about this request at this moment: nobody may keep it.
  answer.Add("Cache-Control", "no-store");
  if (answer.status == 401) answer.Add("WWW-Authenticate", "ApiKey realm=\"tollgate\"");
  if (!error.allow.empty()) answer.Add("Allow", arena.Keep(error.allow));
  if (error.retry_after) {
    answer.Add("Retry-After", arena.Keep(std::to_string(error.retry_after->count())));
  }
  return body;
}

}  // namespace tollgate::pipeline
