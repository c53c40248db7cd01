// Who is let in, and what those who are not are told.
#include "proxy/auth/authenticator.h"

#include <random>
#include <set>
#include <vector>

#include "tests/unit/proxy/auth/auth_fixture.h"

namespace tollgate::auth {
namespace {

using kit::InCookie;
using kit::InHeader;
using kit::InQuery;

class AuthenticatorTest : public AuthFixture {};

TEST_F(AuthenticatorTest, KeyInAHeaderProvesItsHolder) {
  builder_.Plan("a/gold", {InHeader("x-api-key")});
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("x-API-key: \t secret \r\n"), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, KeyInTheQueryProvesItsHolder) {
  builder_.Plan("a/gold", {InQuery("api_key")});
  builder_.Consumer("a/gold", "ada", {"se&cret=1"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("", "api_key=se%26cret=1"), "a/ada@a/gold");
  EXPECT_EQ(Identify("", "a=b&api_key=se%26cret%3d1&c"), "a/ada@a/gold");
  EXPECT_EQ(Identify("", "api%5Fkey=se%26cret=1"), "a/ada@a/gold") << "names may be encoded too";
  EXPECT_EQ(Identify("", "API_KEY=se%26cret=1"), "no-credential/no-credential") << "names keep their case";
  EXPECT_EQ(Identify("", "xapi_key=se%26cret=1&api_keyx=se%26cret=1"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, KeyInACookieProvesItsHolder) {
  builder_.Plan("a/gold", {InCookie("key")});
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("Cookie: key=secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: a=b; key=secret; c=d\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: a=b;key=secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: a=b\r\nCookie: key=secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("Cookie: Key=secret; key2=secret; akey=secret\r\n"), "no-credential/no-credential");
  EXPECT_EQ(Identify("Cookie: %6bey=secret\r\n"), "no-credential/no-credential") << "cookies are not encoded";
}

TEST_F(AuthenticatorTest, PlaceThatThePlanDoesNotNameHoldsNoKey) {
  builder_.Plan("a/gold", {InHeader("x-api-key")});
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Other: secret\r\nCookie: x-api-key=secret\r\n", "x-api-key=secret"),
            "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, FirstPlaceWithAGoodKeyCounts) {
  builder_.Plan("a/gold", {InHeader("x-api-key"), InQuery("key")});
  builder_.Consumer("a/gold", "ada", {"of ada"});
  builder_.Consumer("a/gold", "bob", {"bob"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: of ada\r\n", "key=bob"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: unknown\r\n", "key=bob"), "a/bob@a/gold");
}

TEST_F(AuthenticatorTest, EmptyValueIsNoCredential) {
  builder_.Plan("a/gold", {InHeader("x-api-key"), InQuery("key"), InCookie("key")});
  builder_.Consumer("a/gold", "nobody", {""});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key:\r\nCookie: key=; key\r\n", "key=&key"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, UnknownKeyIsRefused) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  for (const char* key : {"secre", "secrets", "Secret", "secret,secret", "se cret", "\"secret\"",
                          "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}) {
    EXPECT_EQ(Identify("X-Api-Key: " + std::string(key) + "\r\n"), "credential-refused/unknown") << key;
  }
}

TEST_F(AuthenticatorTest, ExpiryIsTheFirstMomentThatDoesNotCount) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"}, kNow);
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n", "", kNow - 1), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n", "", kNow), "credential-refused/expired");
}

TEST_F(AuthenticatorTest, SuspendedConsumerIsRefused) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"}).set_suspended(true);
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "credential-refused/suspended");
}

TEST_F(AuthenticatorTest, TwoKeysLiveSideBySide) {
  builder_.Plan("a/gold");
  kit::AddKey(builder_.Consumer("a/gold", "ada", {"new"}), "old", kNow + 1);
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: old\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: new\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: old\r\n", "", kNow + 1), "credential-refused/expired");
  EXPECT_EQ(Identify("X-Api-Key: new\r\n", "", kNow + 1), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, DigestOfAnotherLengthProvesNobody) {
  builder_.Plan("a/gold");
  api::Consumer& ada = builder_.Consumer("a/gold", "ada", {"secret"});
  ada.mutable_credentials(0)->mutable_digest()->pop_back();
  ada.add_credentials();
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "credential-refused/unknown");
}

TEST_F(AuthenticatorTest, PlansAreTriedInTheRoutesOrder) {
  for (const char* plan : {"a/free", "a/gold"}) {
    builder_.Plan(plan);
    builder_.Consumer(plan, "ada", {"secret"});
  }
  GuardedRoute({"a/gold", "a/free"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, LaterPlanAdmitsWhomAnEarlierOneRefuses) {
  builder_.Plan("a/free");
  builder_.Plan("a/gold");
  builder_.Consumer("a/free", "ada", {"secret"}, kNow);
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/free", "a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
}

TEST_F(AuthenticatorTest, KeyOfAnotherPlanIsNotOnThisRoute) {
  builder_.Plan("a/gold");
  builder_.Plan("a/free");
  builder_.Consumer("a/free", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "not-on-plan/not-on-plan");
}

TEST_F(AuthenticatorTest, ExpiredKeyIsSaidBeforeAnotherPlansKey) {
  builder_.Plan("a/gold");
  builder_.Plan("a/free");
  builder_.Consumer("a/gold", "ada", {"secret"}, 1);
  builder_.Consumer("a/free", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "credential-refused/expired");
}

TEST_F(AuthenticatorTest, BrokenPlanAdmitsNobodyAndBlamesNobody) {
  builder_.Plan("a/gold").set_broken("why");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "plan-broken/plan-broken");
  EXPECT_EQ(Identify("X-Api-Key: unknown\r\n"), "plan-broken/plan-broken");
  EXPECT_EQ(Identify(""), "plan-broken/plan-broken");
}

TEST_F(AuthenticatorTest, BrokenPlanDoesNotHinderAnother) {
  builder_.Plan("a/broken").set_broken("why");
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/broken", "a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "a/ada@a/gold");
  EXPECT_EQ(Identify("X-Api-Key: unknown\r\n"), "plan-broken/plan-broken");
}

TEST_F(AuthenticatorTest, RouteWithoutPlansRefusesEveryone) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({});
  EXPECT_EQ(Identify(""), "plan-broken/no-plan");
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "plan-broken/no-plan");
}

TEST_F(AuthenticatorTest, PlanWithoutPlacesAdmitsNobody) {
  builder_.Plan("a/gold").clear_key_locations();
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n", "x-api-key=secret"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, PlaceOfAnUnknownTypeHoldsNoKey) {
  builder_.Plan("a/gold").mutable_key_locations(0)->set_type(static_cast<api::KeyLocation::Type>(9));
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"});
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "no-credential/no-credential");
}

TEST_F(AuthenticatorTest, PublicRouteAsksNobody) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  PublicRoute();
  EXPECT_EQ(Identify(""), "anonymous");
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "anonymous");
}

TEST_F(AuthenticatorTest, UnspecifiedAccessRefusesEveryone) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"}).set_access(api::ACCESS_UNSPECIFIED);
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "rule-broken/access-unspecified");
}

TEST_F(AuthenticatorTest, AccessOfAReleaseToComeRefusesEveryone) {
  builder_.Plan("a/gold");
  builder_.Consumer("a/gold", "ada", {"secret"});
  GuardedRoute({"a/gold"}).set_access(static_cast<api::Access>(9));
  EXPECT_EQ(Identify("X-Api-Key: secret\r\n"), "rule-broken/access-unspecified");
}

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

TEST_F(AuthenticatorTest, NobodyIsLetInWithoutALivingKeyOfTheRoutesPlans) {
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

class EntitleTest : public AuthFixture {
 protected:
  // Whether a plan that allows these operations grants the rule's.
  std::string Entitle(std::vector<std::string> allowed, const std::string& operation) {
    builder_ = {};
    authenticator_.reset();
    api::Plan& plan = builder_.Plan("a/gold");
    plan.set_allow_all_operations(false);
    for (std::string& pattern : allowed) plan.add_allow_operations(std::move(pattern));
    GuardedRoute({"a/gold"}).mutable_rules(0)->set_operation(operation);
    const exchange::Routed& routed = Routed();
    const exchange::Identity identity{catalog_->plans().data(), 0, nullptr};
    const auto permitted = auth::Entitle(routed, identity);
    return permitted.ok() ? "granted" : Describe(permitted.error());
  }
};

constexpr char kDenied[] = "operation-not-allowed/operation-not-allowed";

TEST_F(EntitleTest, ExactOperationsAreGranted) {
  EXPECT_EQ(Entitle({"quotes.read"}, "quotes.read"), "granted");
  EXPECT_EQ(Entitle({"news.read", "quotes.read"}, "quotes.read"), "granted");
  for (const char* other : {"quotes", "quotes.write", "quotes.reader", "Quotes.read", "xquotes.read", ""}) {
    EXPECT_EQ(Entitle({"quotes.read"}, other), kDenied) << other;
  }
}

TEST_F(EntitleTest, StarAtTheEndGrantsWhatBeginsSo) {
  EXPECT_EQ(Entitle({"quotes.*"}, "quotes.read"), "granted");
  EXPECT_EQ(Entitle({"quotes.*"}, "quotes."), "granted");
  EXPECT_EQ(Entitle({"*"}, "anything"), "granted");
  EXPECT_EQ(Entitle({"quotes.*"}, "quotes"), kDenied);
  EXPECT_EQ(Entitle({"quotes.*"}, "news.read"), kDenied);
  EXPECT_EQ(Entitle({"*.read"}, "quotes.read"), kDenied) << "a trailing * only";
}

TEST_F(EntitleTest, NothingGrantsNothing) { EXPECT_EQ(Entitle({}, "quotes.read"), kDenied); }

TEST_F(EntitleTest, AllOperationsMayBeGrantedAtOnce) {
  builder_.Plan("a/gold");
  GuardedRoute({"a/gold"});
  const exchange::Routed& routed = Routed();
  EXPECT_TRUE(auth::Entitle(routed, {catalog_->plans().data(), 0, nullptr}).ok());
}

TEST_F(EntitleTest, NobodyIsGrantedNothingOnAGuardedRoute) {
  builder_.Plan("a/gold");
  GuardedRoute({"a/gold"});
  EXPECT_FALSE(auth::Entitle(Routed(), {}).ok());
}

TEST_F(EntitleTest, NobodyIsGrantedAPublicRoute) {
  PublicRoute();
  EXPECT_TRUE(auth::Entitle(Routed(), {}).ok());
}

}  // namespace
}  // namespace tollgate::auth
