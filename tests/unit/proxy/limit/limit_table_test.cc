// Prices, and what a proxy refuses to take on.
#include "proxy/limit/limit_table.h"

#include "tests/unit/proxy/limit/limit_fixture.h"

namespace tollgate::limit {
namespace {

TEST_F(LimiterTest, ExactPriceBeatsLongestPrefixBeatsDefault) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  api::Quota& quota = CatalogBuilder::SetQuota(plan, 1000);
  quota.set_default_cost(2);
  CatalogBuilder::AddCost(quota, "llm.*", 10);
  CatalogBuilder::AddCost(quota, "llm.chat.*", 20);
  CatalogBuilder::AddCost(quota, "llm.chat.long", 5);
  CatalogBuilder::AddCost(quota, "llm.free", 0);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  catalog.AddRoute("llm", {"gold"},
                   {"llm.chat.long", "llm.chat.longer", "llm.embed", "llm.free", "read", "llm"});
  Serve(catalog);
  const auto charged = [&](const std::string& operation) {
    return Ask(Caller("gold", "anna", "llm", operation)).decision.charged;
  };
  EXPECT_EQ(charged("llm.chat.long"), 5U);
  EXPECT_EQ(charged("llm.chat.longer"), 20U);
  EXPECT_EQ(charged("llm.embed"), 10U);
  EXPECT_EQ(charged("llm.free"), 0U);
  EXPECT_EQ(charged("read"), 2U);
  EXPECT_EQ(charged("llm"), 2U);
}

TEST_F(LimiterTest, StarAlonePricesEverything) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddCost(CatalogBuilder::SetQuota(plan, 1000), "*", 9);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  catalog.AddRoute("quotes", {"gold"}, {"read"});
  Serve(catalog);
  EXPECT_EQ(Ask(Caller("gold", "anna", "quotes", "read")).decision.charged, 9U);
}

TEST_F(LimiterTest, EachPlanOfARouteHasItsOwnPrice) {
  CatalogBuilder catalog;
  for (const char* const name : {"a", "b", "c"}) {
    api::Plan plan = CatalogBuilder::Plan(name);
    if (plan.name() != "b") CatalogBuilder::SetQuota(plan, 100).set_default_cost(plan.name() == "a" ? 3 : 4);
    catalog.Add(plan);
    catalog.Add(CatalogBuilder::Consumer("anna", name));
  }
  catalog.AddRoute("quotes", {"c", "b", "a"}, {"read"});
  Serve(catalog);
  EXPECT_EQ(Ask(Caller("a", "anna", "quotes", "read")).decision.charged, 3U);
  EXPECT_FALSE(Ask(Caller("b", "anna", "quotes", "read")).decision.limited);
  EXPECT_EQ(Ask(Caller("c", "anna", "quotes", "read")).decision.charged, 4U);
}

TEST_F(LimiterTest, LimitNamesAreQuotedInHeaders) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddLimit(plan, "a\"b\\c\r\n\xc3\xa4", 5, kSecond);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  catalog.AddRoute("quotes", {"gold"}, {"read"});
  // Protobuf strings are UTF-8; the snapshot itself may hold such a name.
  Serve(catalog);
  EXPECT_EQ(Ask(Caller("gold", "anna", "quotes", "read")).decision.rate_limit_policy,
            R"("a\"b\\c____";q=5;w=1)");
}

TEST_F(LimiterTest, LargestPlanFitsItsHeaders) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  for (int i = 0; i < 16; ++i) {
    const std::string name = std::string(61, '"') + std::to_string(10 + i);
    CatalogBuilder::AddLimit(plan, name, UINT64_MAX, 4 * 99'999 * kHour, i % 2 == 0 ? 0 : UINT64_MAX);
  }
  CatalogBuilder::SetQuota(plan, UINT64_MAX, api::Quota::YEAR);
  catalog.Add(plan);
  catalog.Add(CatalogBuilder::Consumer("anna", "gold"));
  catalog.AddRoute("quotes", {"gold"}, {"read"});
  Serve(catalog);
  const Answer answer = Ask(Caller("gold", "anna", "quotes", "read"));
  EXPECT_TRUE(answer.decision.rate_limit.ends_with(R"("quota";r=999999999999999;t=3758400)"));
  EXPECT_TRUE(answer.decision.rate_limit_policy.ends_with(R"("quota";q=999999999999999;w=31536000)"));
}

class UnknownTerms : public testing::Test {
 protected:
  static std::string FaultOf(const api::Plan& plan) {
    CatalogBuilder catalog;
    catalog.Add(plan);
    const auto built = catalog.Build();
    const auto table = LimitTable::Make(*built);
    return table.ok() ? "" : table.error().message;
  }
};

TEST_F(UnknownTerms, ScopeOfALaterVersionIsRefused) {
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddLimit(plan, "burst", 5, kSecond, 0, static_cast<api::RateLimit::Scope>(9));
  EXPECT_EQ(FaultOf(plan),
            "plan \"market/gold\" has the rate limit \"burst\" of an unknown scope, which this proxy cannot "
            "enforce");
}

TEST_F(UnknownTerms, WindowOfALaterVersionIsRefused) {
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::SetQuota(plan, 5, api::Quota::CALENDAR_UNSPECIFIED);
  EXPECT_NE(FaultOf(plan), "");
}

TEST_F(UnknownTerms, LimitWithoutAPeriodIsRefused) {
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddLimit(plan, "burst", 5, 0);
  EXPECT_NE(FaultOf(plan), "");
}

TEST_F(UnknownTerms, MoreLimitsThanTheApiAllowsAreRefused) {
  api::Plan plan = CatalogBuilder::Plan("gold");
  for (int i = 0; i < 16; ++i) CatalogBuilder::AddLimit(plan, "limit" + std::to_string(i), 5, kSecond);
  EXPECT_EQ(FaultOf(plan), "");
  CatalogBuilder::AddLimit(plan, "limit16", 5, kSecond);
  EXPECT_NE(FaultOf(plan), "");
}

}  // namespace
}  // namespace tollgate::limit
