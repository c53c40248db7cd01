#include "proxy/cors/cors_table.h"

namespace tollgate::cors {
namespace {

constexpr std::string_view kPrefix = "access-control-";

std::string_view ValueOf(const http::Fields& fields, std::string_view name) {
  const http::Field* const field = fields.Find(name);
  return field == nullptr ? std::string_view() : field->value;
}

}  // namespace

CorsTable::CorsTable(const snapshot::Catalog& catalog) {
  for (const snapshot::RouteEntry& route : catalog.routes()) {
    auto& policy = policies_.emplace_back();
    if (!route.spec.has_cors()) continue;
    policy = std::make_unique<const CorsPolicy>(route.spec.cors());
    any_ = true;
  }
}

std::string_view CorsTable::PreflightedMethod(const http::RequestHead& head) const {
  if (!any_ || head.method != "OPTIONS" || ValueOf(head.fields, "Origin").empty()) return {};
  return ValueOf(head.fields, "Access-Control-Request-Method");
}

void CorsTable::Mark(exchange::Exchange& x) const {
  const CorsPolicy* const policy = policies_[x.routed->rule->route].get();
  if (policy != nullptr) x.cross_origin = policy->Judge(ValueOf(x.head.fields, "Origin"));
}

void CorsTable::AnswerPreflight(exchange::Exchange& x, exchange::Answer& answer) const {
  answer.status = 204;
  x.reason = "cors-preflight";
  if (x.cross_origin->allow_origin.empty()) return;
  policies_[x.routed->rule->route]->AnswerPreflight(ValueOf(x.head.fields, "Access-Control-Request-Headers"),
                                                    answer);
}

void DropOriginFields(exchange::Answer& answer) {
  answer.fields.EraseIf([](const http::Field& field) {
    return http::EqualsIgnoringCase(field.name.substr(0, kPrefix.size()), kPrefix);
  });
}

void AddOriginFields(const exchange::CrossOrigin& told, exchange::Answer& answer) {
  // Also where no origin was named: what is kept elsewhere must not be told to another one.
  if (told.varies) answer.Add("Vary", "Origin");
  if (told.allow_origin.empty()) return;
  answer.Add("Access-Control-Allow-Origin", told.allow_origin);
  if (told.credentials) answer.Add("Access-Control-Allow-Credentials", "true");
  if (!told.expose_headers.empty()) answer.Add("Access-Control-Expose-Headers", told.expose_headers);
}

}  // namespace tollgate::cors
