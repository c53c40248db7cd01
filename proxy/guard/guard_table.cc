#include "proxy/guard/guard_table.h"

#include <algorithm>

#include "api/base/digest.h"

namespace tollgate::guard {

GuardTable::GuardTable(const snapshot::Catalog& catalog) {
  for (const snapshot::RouteEntry& route : catalog.routes()) {
    auto& guard = guards_.emplace_back();
    if (!route.spec.has_security()) continue;
    guard = std::make_unique<const RouteGuard>(route.spec.security());
    const Token token{guard->token_header(), guard->token_digest()};
    const auto same = [&](const Token& known) {
      return known.header == token.header && known.digest == token.digest;
    };
    if (!token.header.empty() && std::none_of(tokens_.begin(), tokens_.end(), same)) tokens_.push_back(token);
  }
}

exchange::Outcome<Done> GuardTable::Admit(exchange::Exchange& x) const {
  const RouteGuard* const guard = guards_[x.routed->rule->route].get();
  if (guard == nullptr) return Done{};
  exchange::Outcome<Done> admitted = guard->Admit(x);
  const bool hidden = !admitted.ok() && admitted.error().problem == exchange::Problem::kNoRoute;
  if (!hidden) x.route_fields = guard->AnswerFields(x.transport.secure);
  return admitted;
}

void GuardTable::StripTokens(const exchange::Routed& routed, http::Fields& fields) const {
  if (tokens_.empty()) return;
  const RouteGuard* const guard = guards_[routed.rule->route].get();
  const std::string_view own = guard == nullptr ? std::string_view() : guard->token_header();
  fields.EraseIf([&](const http::Field& field) {
    if (http::EqualsIgnoringCase(field.name, own)) return true;
    return std::any_of(tokens_.begin(), tokens_.end(), [&](const Token& token) {
      return http::EqualsIgnoringCase(field.name, token.header) &&
             ConstantTimeEqual(AsBytes(Sha256(field.value)), token.digest);
    });
  });
}

}  // namespace tollgate::guard
