#include "proxy/auth/credential_stripper.h"

#include <algorithm>
#include <optional>

#include "proxy/exchange/item_list.h"

namespace tollgate::auth {

using exchange::Item;

namespace {

// What is looked up in one request before everything that stands at a place counts as a key: more than an
// honest request has, and little work for a hostile one.
constexpr int kMaxLookups = 32;

bool IsIdentityHeader(http::KnownHeader header) {
  return header == http::KnownHeader::kTollgateConsumer || header == http::KnownHeader::kTollgateGroup ||
         header == http::KnownHeader::kTollgateOperation || header == http::KnownHeader::kTollgatePlan;
}

bool SameName(const api::KeyLocation& location, std::string_view name) {
  if (location.type() == api::KeyLocation::HEADER) return http::EqualsIgnoringCase(location.name(), name);
  return location.name() == name;
}

}  // namespace

CredentialStripper::CredentialStripper(const snapshot::Catalog& catalog, const KeyTable& keys)
    : catalog_(catalog), keys_(keys) {
  for (const snapshot::PlanEntry& plan : catalog.plans()) {
    for (const api::KeyLocation& location : plan.spec.key_locations()) {
      if (location.type() == api::KeyLocation::HEADER) headers_.Add(location.name());
      if (location.type() == api::KeyLocation::QUERY) parameters_.Add(location.name());
      if (location.type() == api::KeyLocation::COOKIE) cookies_.Add(location.name());
    }
  }
}

// What of one request goes.
class CredentialStripper::Judge {
 public:
  Judge(const CredentialStripper& stripper, const exchange::Routed& routed, exchange::Arena& arena)
      : stripper_(stripper),
        plans_(routed.route->plans),
        goes_upstream_(routed.rule->spec->answer_case() == api::Rule::ANSWER_NOT_SET),
        arena_(arena) {}

  bool Takes(const http::Field& field) {
    if (IsIdentityHeader(field.known) || IsIdentityHeader(http::ClassifyAsCgi(field.name))) return true;
    if (!stripper_.headers_.ContainsHeader(field.name)) return false;
    return IsOwnPlace(api::KeyLocation::HEADER, field.name) || IsKey(field.value);
  }
  bool TakesCookie(const Item& item) {
    if (!stripper_.cookies_.Contains(item.name)) return false;
    return IsOwnPlace(api::KeyLocation::COOKIE, item.name) || IsKey(item.value);
  }
  bool TakesParameter(const Item& item) {
    if (!stripper_.parameters_.Contains(item.name)) return false;
    return IsOwnPlace(api::KeyLocation::QUERY, item.name) ||
           IsKey(exchange::PercentDecode(item.value, arena_));
  }

 private:
  const api::Plan& PlanOf(snapshot::PlanIndex plan) const { return stripper_.catalog_.plans()[plan].spec; }

  // A plan's word on its keys is for upstreams alone: in a redirect they would stand in histories and logs.
  bool Forwards(const api::Plan& plan) const { return goes_upstream_ && plan.forward_key(); }

  bool IsOwnPlace(api::KeyLocation::Type type, std::string_view name) const {
    return std::any_of(plans_.begin(), plans_.end(), [&](snapshot::PlanIndex index) {
      const api::Plan& plan = PlanOf(index);
      if (Forwards(plan)) return false;
      return std::any_of(plan.key_locations().begin(), plan.key_locations().end(), [&](const auto& location) {
        return location.type() == type && SameName(location, name);
      });
    });
  }

  // Whether it proves somebody, now or, expired or suspended, once did; but for a plan of the route that
  // forwards its keys.
  bool IsKey(std::string_view value) {
    if (value.empty()) return false;
    if (++lookups_ > kMaxLookups) return true;
    const auto holders = stripper_.keys_.Find(Sha256(value));
    const bool forwarded =
        std::any_of(holders.begin(), holders.end(), [this](const KeyTable::Holder& holder) {
          return Forwards(PlanOf(holder.plan)) &&
                 std::find(plans_.begin(), plans_.end(), holder.plan) != plans_.end();
        });
    return !holders.empty() && !forwarded;
  }

  const CredentialStripper& stripper_;
  const std::vector<snapshot::PlanIndex>& plans_;  // of the route
  const bool goes_upstream_;
  exchange::Arena& arena_;
  int lookups_ = 0;
};

std::string_view CredentialStripper::Strip(const exchange::Routed& routed, const http::Fields& received,
                                           std::string_view query, exchange::Arena& arena,
                                           http::Fields& fields) const {
  Judge judge(*this, routed, arena);
  for (http::Field field : received) {
    if (judge.Takes(field)) continue;
    if (field.known == http::KnownHeader::kCookie && !cookies_.empty() && !field.value.empty()) {
      field.value = exchange::WithoutItems(field.value, exchange::kCookies, arena,
                                           [&judge](const Item& item) { return judge.TakesCookie(item); });
      if (field.value.empty()) continue;
    }
    (void)fields.Add(field);
  }
  if (parameters_.empty()) return query;
  return exchange::WithoutItems(query, exchange::kQuery, arena,
                                [&judge](const Item& item) { return judge.TakesParameter(item); });
}

}  // namespace tollgate::auth
