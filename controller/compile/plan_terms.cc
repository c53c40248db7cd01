#include "controller/compile/plan_terms.h"

#include "controller/compile/text.h"

namespace tollgate::compile {
namespace {

using resource::ApiPlan;
using resource::Calendar;
using resource::KeyLocation;
using resource::LimitScope;
using resource::WhenStoreIsDown;

// The header that clients of keyed APIs expect, and the only place that no log or browser history keeps.
constexpr char kDefaultKeyHeader[] = "x-api-key";

// A request costs one credit where the plan says nothing, so that a quota without costs counts requests.
constexpr uint64_t kDefaultCost = 1;

api::KeyLocation::Type TypeOf(KeyLocation::Type type) {
  switch (type) {
    case KeyLocation::Type::kHeader: return api::KeyLocation::HEADER;
    case KeyLocation::Type::kQuery: return api::KeyLocation::QUERY;
    case KeyLocation::Type::kCookie: return api::KeyLocation::COOKIE;
  }
  return api::KeyLocation::TYPE_UNSPECIFIED;
}

api::RateLimit::Scope ScopeOf(LimitScope scope) {
  switch (scope) {
    case LimitScope::kConsumer: return api::RateLimit::CONSUMER;
    case LimitScope::kConsumerAndRoute: return api::RateLimit::CONSUMER_AND_ROUTE;
    case LimitScope::kConsumerAndOperation: return api::RateLimit::CONSUMER_AND_OPERATION;
    case LimitScope::kPlan: return api::RateLimit::PLAN;
    case LimitScope::kAddress: return api::RateLimit::ADDRESS;
  }
  return api::RateLimit::SCOPE_UNSPECIFIED;
}

api::Quota::Calendar CalendarOf(Calendar calendar) {
  switch (calendar) {
    case Calendar::kHour: return api::Quota::HOUR;
    case Calendar::kDay: return api::Quota::DAY;
    case Calendar::kWeek: return api::Quota::WEEK;
    case Calendar::kMonth: return api::Quota::MONTH;
    case Calendar::kYear: return api::Quota::YEAR;
  }
  return api::Quota::CALENDAR_UNSPECIFIED;
}

// Local: an outage of the store neither stops an API nor opens it.
api::WhenStoreIsDown WhenStoreIsDownOf(const ApiPlan& plan) {
  switch (plan.when_store_is_down.value_or(WhenStoreIsDown::kLocal)) {
    case WhenStoreIsDown::kLocal: return api::LOCAL;
    case WhenStoreIsDown::kOpen: return api::OPEN;
    case WhenStoreIsDown::kClosed: return api::CLOSED;
  }
  return api::WHEN_STORE_IS_DOWN_UNSPECIFIED;
}

void AddKeyLocation(KeyLocation::Type type, const std::string& name, api::Plan& plan) {
  api::KeyLocation* location = plan.add_key_locations();
  location->set_type(TypeOf(type));
  location->set_name(type == KeyLocation::Type::kHeader ? LowerCase(name) : name);
}

// A plan that names no place for keys, or no credential at all, takes API keys from the usual header. That
// admits nobody by itself: a key has to stand in a Secret of the plan.
void AddKeyLocations(const ApiPlan& plan, api::Plan& compiled) {
  if (!plan.api_keys || plan.api_keys->from.empty()) {
    AddKeyLocation(KeyLocation::Type::kHeader, kDefaultKeyHeader, compiled);
    return;
  }
  for (const KeyLocation& location : plan.api_keys->from) {
    AddKeyLocation(location.type, location.name, compiled);
  }
}

void AddAllowed(const ApiPlan& plan, api::Plan& compiled) {
  compiled.set_allow_all_operations(!plan.allow_operations);
  if (!plan.allow_operations) return;
  for (const std::string& operation : Distinct(*plan.allow_operations)) {
    compiled.add_allow_operations(operation);
  }
}

void AddRateLimit(const resource::RateLimit& limit, api::Plan& plan) {
  api::RateLimit* compiled = plan.add_rate_limits();
  compiled->set_name(limit.name);
  compiled->set_requests(limit.requests);
  compiled->set_per_us(static_cast<uint64_t>(std::chrono::microseconds(limit.per).count()));
  compiled->set_burst(limit.burst.value_or(0));
  // What a caller pays for is its own share, so a limit is each caller's unless it says otherwise.
  compiled->set_scope(ScopeOf(limit.scope.value_or(LimitScope::kConsumer)));
}

api::Quota CompileQuota(const resource::Quota& quota) {
  api::Quota compiled;
  compiled.set_credits(quota.credits);
  compiled.set_calendar(CalendarOf(quota.calendar));
  for (const resource::Cost& cost : quota.costs) {
    api::Cost* added = compiled.add_costs();
    added->set_operation(cost.operation);
    added->set_credits(cost.credits);
  }
  compiled.set_default_cost(quota.default_cost.value_or(kDefaultCost));
  // Reject: nobody runs up a bill that the plan does not speak of.
  compiled.set_allow_overage(quota.when_exhausted == resource::WhenExhausted::kAllowOverage);
  return compiled;
}

}  // namespace

api::Plan CompileTerms(const ApiPlan& plan) {
  api::Plan compiled;
  compiled.set_namespace_(plan.meta.name.space);
  compiled.set_name(plan.meta.name.name);
  AddKeyLocations(plan, compiled);
  if (!plan.mistakes.empty()) return compiled;
  compiled.set_forward_key(plan.api_keys && plan.api_keys->forward.value_or(false));
  AddAllowed(plan, compiled);
  for (const resource::RateLimit& limit : plan.rate_limits) AddRateLimit(limit, compiled);
  if (plan.quota) *compiled.mutable_quota() = CompileQuota(*plan.quota);
  compiled.set_when_store_is_down(WhenStoreIsDownOf(plan));
  return compiled;
}

}  // namespace tollgate::compile
