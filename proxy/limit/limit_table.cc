#include "proxy/limit/limit_table.h"

#include <algorithm>
#include <map>

#include "api/base/check.h"
#include "proxy/limit/header_text.h"
#include "proxy/limit/name_key.h"
#include "proxy/limit/price_list.h"

namespace tollgate::limit {
namespace {

using snapshot::ConsumerEntry;
using snapshot::PlanEntry;

Fault Unknown(const PlanEntry& plan, const std::string& what) {
  return {"plan \"" + plan.name + "\" has " + what + ", which this proxy cannot enforce"};
}

bool IsKnown(api::RateLimit::Scope scope) {
  return scope >= api::RateLimit::CONSUMER && scope <= api::RateLimit::ADDRESS;
}
bool IsKnown(api::Quota::Calendar calendar) {
  return calendar >= api::Quota::HOUR && calendar <= api::Quota::YEAR;
}

Status<> Verify(const PlanEntry& plan) {
  if (plan.spec.rate_limits().size() > static_cast<int>(store::kMaxLimits)) {
    return Unknown(plan, "more than 16 rate limits");
  }
  for (const api::RateLimit& limit : plan.spec.rate_limits()) {
    const std::string who = "the rate limit \"" + limit.name() + "\"";
    if (!IsKnown(limit.scope())) return Unknown(plan, who + " of an unknown scope");
    if (limit.per_us() == 0 || limit.per_us() > static_cast<uint64_t>(store::kMaxPeriod)) {
      return Unknown(plan, who + " of a period out of range");
    }
  }
  if (plan.spec.has_quota() && !IsKnown(plan.spec.quota().calendar())) {
    return Unknown(plan, "a quota of an unknown window");
  }
  return Done{};
}

store::RateTerms MakeRate(uint64_t requests, int64_t per_us, uint64_t burst) {
  return {std::min(requests, store::kMaxRequests), per_us, std::min(burst, store::kMaxRequests)};
}

LimitTerms MakeLimit(const PlanEntry& plan, const api::RateLimit& limit) {
  return {limit.name(), limit.scope(),
          MakeRate(limit.requests(), static_cast<int64_t>(limit.per_us()), limit.burst()),
          MarkOf("limit", {plan.name, limit.name()}), HeaderString(limit.name())};
}

// The parts that depend on the figures.
void Finish(CallerTerms& terms) {
  constexpr std::string_view kQuotaItem = "\"quota\"";
  terms.header_room = kQuotaItem.size() + kItemRoom;
  for (const LimitTerms& limit : terms.limits) terms.header_room += limit.header_item.size() + kItemRoom;
  terms.policy.resize(terms.header_room);
  HeaderList list(terms.policy.data());
  for (const LimitTerms& limit : terms.limits) {
    list.Add(limit.header_item, 'q', limit.rate.requests, 'w', SecondsRoundedUp(limit.rate.per_us));
  }
  terms.policy.resize(list.text().size());
}

CallerTerms MakeTerms(const PlanEntry& plan) {
  CallerTerms terms;
  for (const api::RateLimit& limit : plan.spec.rate_limits()) terms.limits.push_back(MakeLimit(plan, limit));
  if (plan.spec.has_quota()) {
    const api::Quota& quota = plan.spec.quota();
    const std::string calendar = std::to_string(quota.calendar());
    terms.quota = {quota.credits(), quota.calendar(), MarkOf("quota", {calendar}), quota.allow_overage()};
  }
  terms.when_down = plan.spec.when_store_is_down();
  terms.plan_key = KeyOf("plan", {plan.name});
  Finish(terms);
  return terms;
}

// Figures that differ from the plan's: the same ones make the same terms.
struct Overrides {
  snapshot::PlanIndex plan;
  std::vector<std::pair<std::string, uint64_t>> requests;
  std::optional<uint64_t> credits;
  auto operator<=>(const Overrides&) const = default;
};

Overrides OverridesOf(const ConsumerEntry& consumer) {
  Overrides overrides{consumer.plan, {}, std::nullopt};
  for (const api::LimitOverride& limit : consumer.spec.limits()) {
    overrides.requests.emplace_back(limit.limit(), limit.requests());
  }
  std::sort(overrides.requests.begin(), overrides.requests.end());
  if (consumer.spec.has_credits()) overrides.credits = consumer.spec.credits();
  return overrides;
}

// Of what many share, one figure holds for all: by another one of its own, one caller's requests would make
// room in the others' bucket.
bool IsShared(const LimitTerms& limit) {
  return limit.scope == api::RateLimit::PLAN || limit.scope == api::RateLimit::ADDRESS;
}

CallerTerms Apply(const Overrides& overrides, CallerTerms terms) {
  for (const auto& [name, requests] : overrides.requests) {
    for (LimitTerms& limit : terms.limits) {
      if (limit.name == name && !IsShared(limit))
        limit.rate = MakeRate(requests, limit.rate.per_us, limit.rate.burst);
    }
  }
  if (terms.quota && overrides.credits) terms.quota->credits = *overrides.credits;
  Finish(terms);
  return terms;
}

}  // namespace

Result<LimitTable> LimitTable::Make(const snapshot::Catalog& catalog) {
  LimitTable table(catalog);
  if (const Status<> added = table.AddPlans(); !added) return added.error();
  table.AddConsumers();
  table.AddRules();
  return table;
}

Status<> LimitTable::AddPlans() {
  for (const PlanEntry& plan : catalog_->plans()) {
    // A broken plan admits nobody, so nobody of it comes here.
    const bool limits =
        plan.spec.broken().empty() && (plan.spec.rate_limits_size() > 0 || plan.spec.has_quota());
    plan_terms_.push_back(limits ? static_cast<uint32_t>(terms_.size()) : kUnlimited);
    if (!limits) continue;
    if (const Status<> verified = Verify(plan); !verified) return verified;
    terms_.push_back(MakeTerms(plan));
  }
  return Done{};
}

void LimitTable::AddConsumers() {
  std::map<Overrides, uint32_t> known;
  consumer_terms_.reserve(catalog_->consumers().size());
  consumer_keys_.reserve(catalog_->consumers().size());
  for (const ConsumerEntry& consumer : catalog_->consumers()) {
    uint32_t terms = plan_terms_[consumer.plan];
    if (terms != kUnlimited && (consumer.spec.limits_size() > 0 || consumer.spec.has_credits())) {
      const auto [at, is_new] = known.try_emplace(OverridesOf(consumer), terms_.size());
      if (is_new) terms_.push_back(Apply(at->first, terms_[terms]));
      terms = at->second;
    }
    consumer_terms_.push_back(terms);
    consumer_keys_.push_back(KeyOf("consumer", {consumer.spec.id()}));
  }
}

void LimitTable::AddRules() {
  for (const snapshot::RuleEntry& rule : catalog_->rules()) {
    const snapshot::RouteEntry& route = catalog_->routes()[rule.route];
    rules_.push_back({MarkOf("route", {route.name}), MarkOf("operation", {rule.spec->operation()}),
                      static_cast<uint32_t>(prices_.size())});
    for (const snapshot::PlanIndex plan : route.plans) {
      const api::Plan& spec = catalog_->plans()[plan].spec;
      if (spec.has_quota()) prices_.push_back({plan, limit::CostOf(spec.quota(), rule.spec->operation())});
    }
  }
  rules_.push_back({0, 0, static_cast<uint32_t>(prices_.size())});
}

const CallerTerms* LimitTable::TermsOf(const exchange::Identity& identity) const {
  if (identity.plan == nullptr) return nullptr;
  const uint32_t terms = identity.consumer == nullptr ? plan_terms_[identity.plan_index]
                                                      : consumer_terms_[IndexOf(*identity.consumer)];
  return terms == kUnlimited ? nullptr : &terms_[terms];
}

uint64_t LimitTable::CostOf(snapshot::RuleIndex rule, snapshot::PlanIndex plan) const {
  const Price* const end = prices_.data() + rules_[rule + 1].first_price;
  for (const Price* price = prices_.data() + rules_[rule].first_price; price != end; ++price) {
    if (price->plan == plan) return price->cost;
  }
  TOLLGATE_CHECK(!"every plan of a rule has its price");
  return 0;
}

// Consumers lie in one array, so an address says the number.
snapshot::ConsumerIndex LimitTable::IndexOf(const api::Consumer& consumer) const {
  const auto* const first = reinterpret_cast<const char*>(&catalog_->consumers().front().spec);
  const auto offset = static_cast<size_t>(reinterpret_cast<const char*>(&consumer) - first);
  const size_t index = offset / sizeof(ConsumerEntry);
  TOLLGATE_CHECK(offset % sizeof(ConsumerEntry) == 0 && index < catalog_->consumers().size());
  return static_cast<snapshot::ConsumerIndex>(index);
}

}  // namespace tollgate::limit
