// A catalog, a route of it, and requests with credentials.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "proxy/auth/authenticator.h"
#include "tests/kit/heads.h"
#include "tests/kit/snapshot_builder.h"

namespace tollgate::auth {

inline constexpr WallMicros kNow = 1'000'000'000'000'000;

class AuthFixture : public ::testing::Test {
 protected:
  // A route "a/route" with a rule "rule"; kept plans in this order.
  api::Route& GuardedRoute(std::initializer_list<const char*> plans) {
    api::Route& route = builder_.GuardedRoute("a/route", plans);
    kit::AddRule(route, "rule");
    return route;
  }
  api::Route& PublicRoute() {
    api::Route& route = builder_.Route("a/route");
    kit::AddRule(route, "rule");
    return route;
  }

  const exchange::Routed& Routed() {
    if (!authenticator_) {
      catalog_ = builder_.Build();
      authenticator_.emplace(*catalog_);
      routed_ = {&kit::RouteNamed(*catalog_, "a/route"), &kit::RuleNamed(*catalog_, "rule"), 0, nullptr};
    }
    return routed_;
  }

  // "consumer@plan", "anonymous", or the problem and the reason that the log learns.
  std::string Identify(std::string_view lines, std::string_view query = {}, WallMicros now = kNow) {
    const exchange::Routed& routed = Routed();
    const kit::Request request("GET", "/", lines);
    exchange::Arena arena;
    const auto identity = authenticator_->Identify(routed, request.fields(), query, now, arena);
    if (!identity.ok()) return Describe(identity.error());
    if (identity->plan == nullptr)
      return identity->consumer == nullptr ? "anonymous" : "consumer without plan";
    EXPECT_EQ(identity->plan, &catalog_->plans()[identity->plan_index]);
    return std::string(identity->consumer_id()) + "@" + identity->plan->name;
  }

  static std::string Describe(const exchange::Error& error) {
    return std::string(exchange::RowOf(error.problem).slug) + "/" + std::string(error.reason);
  }

  kit::SnapshotBuilder builder_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  std::optional<Authenticator> authenticator_;

 private:
  exchange::Routed routed_{};
};

}  // namespace tollgate::auth
