// The limits and prices of every plan of one snapshot, made ready so that a request compares no names: what a
// caller's limits are by its number, what a call costs by its rule's. Built where snapshots are, read by the
// limit stage. Immutable once made; any thread. The catalog must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "proxy/exchange/permitted.h"
#include "proxy/snapshot/catalog.h"
#include "proxy/store/limit_store.h"

namespace tollgate::limit {

// One rate limit, with the figure that counts for the caller.
struct LimitTerms {
  std::string name;
  api::RateLimit::Scope scope;
  store::RateTerms rate;
  uint64_t record;          // of plan, name and kind of limit
  std::string header_item;  // `"name"`, as a structured field's string
};

struct QuotaTerms {
  uint64_t credits;
  api::Quota::Calendar calendar;
  uint64_t record;  // of the kind of window alone: a move to another plan keeps what was used
  bool allow_overage;
};

// All that limits one caller: its plan's terms, or its own where it has overrides.
struct CallerTerms {
  std::vector<LimitTerms> limits;
  std::optional<QuotaTerms> quota;
  api::WhenStoreIsDown when_down;
  store::Key128 plan_key;
  std::string policy;      // RateLimit-Policy of the rate limits
  size_t header_room = 0;  // an upper bound for the length of either header value
};

class LimitTable {
 public:
  // A fault where a plan says what this proxy does not know, such as a scope of a later version: to serve
  // without it would be to admit what the plan refuses.
  static Result<LimitTable> Make(const snapshot::Catalog& catalog);

  // nullptr: nothing limits this caller.
  const CallerTerms* TermsOf(const exchange::Identity& identity) const;

  // `identity` has a consumer of the catalog.
  const store::Key128& ConsumerKey(const exchange::Identity& identity) const {
    return consumer_keys_[IndexOf(*identity.consumer)];
  }

  // Credits for one call of a rule by a plan that the rule's route names.
  uint64_t CostOf(snapshot::RuleIndex rule, snapshot::PlanIndex plan) const;

  // What a record of scope ConsumerAndRoute or ConsumerAndOperation is told apart by.
  uint64_t RouteMark(snapshot::RuleIndex rule) const { return rules_[rule].route_mark; }
  uint64_t OperationMark(snapshot::RuleIndex rule) const { return rules_[rule].operation_mark; }

 private:
  struct RulePrices {
    uint64_t route_mark;
    uint64_t operation_mark;
    uint32_t first_price;  // into prices_, up to the next rule's
  };
  struct Price {
    snapshot::PlanIndex plan;
    uint64_t cost;
  };
  static constexpr uint32_t kUnlimited = UINT32_MAX;

  explicit LimitTable(const snapshot::Catalog& catalog) : catalog_(&catalog) {}
  Status<> AddPlans();
  void AddConsumers();
  void AddRules();
  snapshot::ConsumerIndex IndexOf(const api::Consumer& consumer) const;

  const snapshot::Catalog* catalog_;
  std::vector<CallerTerms> terms_;
  std::vector<uint32_t> plan_terms_;      // by plan: into terms_, or kUnlimited
  std::vector<uint32_t> consumer_terms_;  // by consumer
  std::vector<store::Key128> consumer_keys_;
  std::vector<RulePrices> rules_;  // by rule, and one more that ends the last one's prices
  std::vector<Price> prices_;
};

}  // namespace tollgate::limit
