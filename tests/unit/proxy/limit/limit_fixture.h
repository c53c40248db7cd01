// One request at a time against a catalog, in process, at a moment that the test says.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "proxy/limit/limiter.h"
#include "proxy/store/memory_limit_store.h"
#include "tests/unit/proxy/limit/catalog_builder.h"

namespace tollgate::limit {

class FakeWallClock final : public WallClock {
 public:
  WallMicros Now() const override { return now; }
  WallMicros now = kNoon;
};

// A decision and what keeps its texts alive.
struct Answer {
  std::unique_ptr<exchange::Arena> arena = std::make_unique<exchange::Arena>();
  LimitDecision decision;
};

class LimiterTest : public testing::Test {
 protected:
  // Serves what the builder holds from now on; the store keeps what it knows.
  void Serve(CatalogBuilder& builder) {
    catalog_ = builder.Build();
    auto table = LimitTable::Make(*catalog_);
    ASSERT_TRUE(table.ok()) << table.error().message;
    table_ = std::make_unique<LimitTable>(std::move(*table));
  }

  // `consumer` is a name within its plan; empty: a caller without a name. `plan` empty: a public route.
  exchange::Permitted Caller(const std::string& plan, const std::string& consumer, const std::string& route,
                             const std::string& operation) const {
    exchange::Permitted permitted{};
    for (uint32_t i = 0; i < catalog_->rules().size(); ++i) {
      const snapshot::RuleEntry& rule = catalog_->rules()[i];
      const snapshot::RouteEntry& owner = catalog_->routes()[rule.route];
      if (owner.spec.name() != route || rule.spec->operation() != operation) continue;
      permitted.routed = {&owner, &rule, i, nullptr};
    }
    for (uint32_t i = 0; i < catalog_->plans().size(); ++i) {
      if (catalog_->plans()[i].spec.name() != plan) continue;
      permitted.identity.plan = &catalog_->plans()[i];
      permitted.identity.plan_index = i;
    }
    for (const snapshot::ConsumerEntry& entry : catalog_->consumers()) {
      if (entry.spec.id() != "market/" + consumer || entry.spec.plan() != "market/" + plan) continue;
      permitted.identity.consumer = &entry.spec;
    }
    EXPECT_NE(permitted.routed.rule, nullptr);
    return permitted;
  }

  Answer Ask(const exchange::Permitted& permitted, const std::string& ip = "192.0.2.1") {
    Answer answer;
    const io::Address peer = *io::Address::FromLiteral(ip, 4711);
    Limiter::Deciding deciding(limiter_, *table_, permitted, peer, *answer.arena);
    EXPECT_TRUE(deciding.await_ready());
    answer.decision = deciding.await_resume();
    return answer;
  }
  bool Admits(const exchange::Permitted& permitted, const std::string& ip = "192.0.2.1") {
    return !Ask(permitted, ip).decision.refusal.has_value();
  }

  FakeWallClock clock_;
  store::MemoryLimitStore memory_{clock_, 42};
  Limiter limiter_{memory_};
  std::shared_ptr<const snapshot::Catalog> catalog_;
  std::unique_ptr<LimitTable> table_;
};

}  // namespace tollgate::limit
