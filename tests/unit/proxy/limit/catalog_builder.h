// A catalog put together plan by plan.
#pragma once

#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>

#include "api/base/clock.h"
#include "api/snapshot_hash.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::limit {

// 2026-11-18T12:00:00Z, a Wednesday.
inline constexpr WallMicros kNoon = 1'795'003'200'000'000;
inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kHour = 3600 * kSecond;

class CatalogBuilder {
 public:
  CatalogBuilder() {
    snapshot_.set_schema(api::kSnapshotSchema);
    snapshot_.set_installation("tollgate");
  }
  static api::Plan Plan(const std::string& name) {
    api::Plan plan;
    plan.set_namespace_("market");
    plan.set_name(name);
    return plan;
  }
  static void AddLimit(api::Plan& plan, const std::string& name, uint64_t requests, int64_t per_us,
                       uint64_t burst = 0, api::RateLimit::Scope scope = api::RateLimit::CONSUMER) {
    api::RateLimit* limit = plan.add_rate_limits();
    limit->set_name(name);
    limit->set_requests(requests);
    limit->set_per_us(static_cast<uint64_t>(per_us));
    limit->set_burst(burst);
    limit->set_scope(scope);
  }
  static api::Quota& SetQuota(api::Plan& plan, uint64_t credits,
                              api::Quota::Calendar calendar = api::Quota::MONTH) {
    plan.mutable_quota()->set_credits(credits);
    plan.mutable_quota()->set_calendar(calendar);
    plan.mutable_quota()->set_default_cost(1);
    return *plan.mutable_quota();
  }
  static void AddCost(api::Quota& quota, const std::string& operation, uint64_t credits) {
    api::Cost* cost = quota.add_costs();
    cost->set_operation(operation);
    cost->set_credits(credits);
  }
  static api::Consumer Consumer(const std::string& name, const std::string& plan) {
    api::Consumer consumer;
    consumer.set_id("market/" + name);
    consumer.set_plan("market/" + plan);
    return consumer;
  }
  static void Override(api::Consumer& consumer, const std::string& limit, uint64_t requests) {
    api::LimitOverride* override_ = consumer.add_limits();
    override_->set_limit(limit);
    override_->set_requests(requests);
  }

  void Add(const api::Plan& plan) {
    *snapshot_.add_resources() = api::MakeResource(api::PLAN, "market/" + plan.name(), plan);
  }
  void Add(const api::Consumer& consumer) {
    *snapshot_.add_resources() = api::MakeResource(
        api::CONSUMER, consumer.plan() + "/" + consumer.id().substr(consumer.id().find('/') + 1), consumer);
  }
  // A route with a rule for each operation.
  void AddRoute(const std::string& name, std::initializer_list<std::string> plans,
                std::initializer_list<std::string> operations) {
    api::Route route;
    route.set_namespace_("market");
    route.set_name(name);
    route.set_access(plans.size() == 0 ? api::ACCESS_PUBLIC : api::ACCESS_PLANS);
    for (const std::string& plan : plans) route.add_plans("market/" + plan);
    for (const std::string& operation : operations) {
      api::Rule* rule = route.add_rules();
      rule->set_name(operation);
      rule->set_operation(operation);
    }
    *snapshot_.add_resources() = api::MakeResource(api::ROUTE, "market/" + name, route);
  }

  std::shared_ptr<const snapshot::Catalog> Build() {
    api::SealSnapshot(snapshot_);
    auto catalog = snapshot::Catalog::Decode(snapshot_);
    if (!catalog.ok()) std::abort();
    return *catalog;
  }

 private:
  api::Snapshot snapshot_;
};

}  // namespace tollgate::limit
