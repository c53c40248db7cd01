// Which operations a caller's plan grants.
#include <vector>

#include "tests/unit/proxy/auth/auth_fixture.h"

namespace tollgate::auth {
namespace {

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
