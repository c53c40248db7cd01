#include "proxy/pipeline/problem_answer.h"

#include <string>

#include "api/base/json_text.h"
#include "proxy/exchange/error_templates.h"
#include "proxy/exchange/grpc.h"

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

std::string_view MakeDocument(const exchange::Error& error, exchange::Exchange& x, exchange::Answer& answer) {
  exchange::ErrorTemplates::Document document{"application/problem+json", {}};
  if (x.error_templates == nullptr || !x.error_templates->Fill(error, x.request_id, document)) {
    document.body = ProblemDocument(error, x.request_id);
  }
  const std::string_view body = x.arena.Keep(document.body);
  answer.status = exchange::RowOf(error.problem).status;
  if (!body.empty()) answer.framing = {http::Framing::Kind::kLength, body.size()};
  answer.Add("Content-Type", document.content_type);
  return body;
}

// In any form.
void AddProblemFields(const exchange::Error& error, exchange::Arena& arena, exchange::Answer& answer) {
  // An answer that is about this request at this moment: nobody may keep it.
  answer.Add("Cache-Control", "no-store");
  if (exchange::RowOf(error.problem).status == 401) {
    answer.Add("WWW-Authenticate", "ApiKey realm=\"tollgate\"");
  }
  if (!error.allow.empty()) answer.Add("Allow", arena.Keep(error.allow));
  if (error.retry_after) {
    answer.Add("Retry-After", arena.Keep(std::to_string(error.retry_after->count())));
  }
}

// The slug comes first: a client has no other place to read it from.
void MakeGrpcProblem(const exchange::Error& error, exchange::Exchange& x, exchange::Answer& answer) {
  const exchange::ProblemRow& row = exchange::RowOf(error.problem);
  const std::string message = std::string(row.slug) + ": " + error.detail;
  x.grpc.status = row.grpc_status;
  answer.status = 200;
  answer.trailers_only = true;
  answer.Add("Content-Type", exchange::kGrpcContentType);
  answer.Add("grpc-status", x.arena.Keep(std::to_string(row.grpc_status)));
  answer.Add("grpc-message", x.arena.Keep(exchange::GrpcMessage(message)));
}

}  // namespace

std::string_view MakeProblem(const exchange::Error& error, exchange::Exchange& x, exchange::Answer& answer) {
  std::string_view body;
  if (x.grpc.is_call) {
    MakeGrpcProblem(error, x, answer);
  } else {
    body = MakeDocument(error, x, answer);
  }
  AddProblemFields(error, x.arena, answer);
  return body;
}

}  // namespace tollgate::pipeline
