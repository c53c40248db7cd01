// Over random catalogs: nobody is let in who should not be, and nobody kept out who should not be.
#include <random>
#include <set>
#include <vector>

#include "tests/unit/proxy/auth/auth_fixture.h"

namespace tollgate::auth {
namespace {

class AdmissionProperty : public AuthFixture {};

// A random catalog: whoever is let in holds a key that lives, of a plan of the route that works.
class RandomCatalog {
 public:
  explicit RandomCatalog(uint64_t seed) : random_(seed) {
    for (const char* plan : {"a/p0", "a/p1", "a/p2"}) AddPlan(plan);
    for (int i = 0; i < 12; ++i) AddConsumer(i);
    api::Route& route = builder.GuardedRoute("a/route", {});
    for (const std::string& plan : plans_) {
      if (!Chance(2)) continue;
      route.add_plans(plan);
      routed_.insert(plan);
    }
    kit::AddRule(route, "rule");
    const auto access = static_cast<api::Access>(Chance(8) ? random_() % 2 : 1);
    if (access != api::ACCESS_PLANS) route.set_access(access);
    guarded_ = access == api::ACCESS_PLANS;
  }

  // Whom a key proves, by what was put in; empty for nobody.
  std::set<std::string> Holders(const std::string& key) const {
    std::set<std::string> holders;
    for (const Line& line : lines_) {
      if (line.key == key && line.lives && guarded_ && routed_.contains(line.plan) &&
          !broken_.contains(line.plan)) {
        holders.insert(line.id + "@" + line.plan);
      }
    }
    return holders;
  }

  kit::SnapshotBuilder builder;

 private:
  struct Line {
    std::string plan;
    std::string id;
    std::string key;
    bool lives;
  };
  bool Chance(uint64_t one_in) { return random_() % one_in == 0; }
  void AddPlan(const char* name) {
    plans_.emplace_back(name);
    if (!Chance(4)) {
      builder.Plan(name);
      return;
    }
    builder.Plan(name).set_broken("why");
    broken_.insert(name);
  }
  void AddConsumer(int i) {
    const std::string& plan = plans_[random_() % plans_.size()];
    const std::string name = "c" + std::to_string(i);
    const bool suspended = Chance(5);
    api::Consumer& consumer = builder.Consumer(plan, name);
    consumer.set_suspended(suspended);
    for (uint64_t n = random_() % 3; n > 0; --n) {
      const std::string key = "key" + std::to_string(random_() % 20);
      const int64_t expires = Chance(3) ? kNow + static_cast<int64_t>(random_() % 3) - 1 : 0;
      kit::AddKey(consumer, key, expires);
      lines_.push_back({plan, "a/" + name, key, !suspended && (expires == 0 || expires > kNow)});
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> plans_;
  std::set<std::string> broken_;
  std::set<std::string> routed_;
  std::vector<Line> lines_;
  bool guarded_ = true;
};

TEST_F(AdmissionProperty, NobodyIsLetInWithoutALivingKeyOfTheRoutesPlans) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCatalog random(seed);
    builder_ = random.builder;
    authenticator_.reset();
    for (int i = 0; i < 25; ++i) {  // some of them nobody's
      const std::string key = "key" + std::to_string(i);
      const std::set<std::string> holders = random.Holders(key);
      const std::string identity = Identify("X-Api-Key: " + key + "\r\n");
      const bool admitted = identity.find('@') != std::string::npos;
      EXPECT_EQ(admitted, !holders.empty()) << key << " " << identity;
      EXPECT_TRUE(!admitted || holders.contains(identity)) << key << " " << identity;
      EXPECT_NE(identity, "anonymous");
    }
    EXPECT_EQ(Identify("").find('@'), std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::auth
