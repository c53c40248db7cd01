// What a proxy makes of a snapshot, and what it refuses whole.
#include "proxy/snapshot/catalog.h"

#include <gmock/gmock.h>

#include "api/base/digest.h"
#include "api/snapshot_hash.h"
#include "tests/kit/snapshot_builder.h"

namespace tollgate::snapshot {
namespace {

using ::testing::HasSubstr;

class CatalogTest : public ::testing::Test {
 protected:
  // Why a snapshot is refused.
  static std::string Refusal(const api::Snapshot& snapshot) {
    const auto catalog = Catalog::Decode(snapshot);
    return catalog.ok() ? "accepted" : catalog.error().message;
  }
  std::string Refusal() const { return Refusal(builder_.Seal()); }

  kit::SnapshotBuilder builder_;
};

TEST_F(CatalogTest, EmptySnapshotIsACatalog) { EXPECT_EQ(Refusal(), "accepted"); }

TEST_F(CatalogTest, NamesBecomeNumbers) {
  builder_.Plan("a/free");
  builder_.Plan("b/gold");
  builder_.Consumer("b/gold", "ada", {"secret"});
  builder_.Upstream("a/one:80");
  builder_.Upstream("a/two:80");
  api::Rule& rule = kit::AddRule(builder_.GuardedRoute("a/route", {"b/gold", "a/free"}), "rule");
  kit::AddTarget(rule, "a/two:80");
  kit::AddTarget(rule, "a/one:80");
  kit::AddRule(builder_.Route("b/route"), "other");
  const auto catalog = builder_.Build();
  EXPECT_EQ(catalog->routes()[0].plans, (std::vector<PlanIndex>{1, 0}));
  EXPECT_EQ(catalog->rules()[0].upstreams, (std::vector<UpstreamIndex>{1, 0}));
  EXPECT_EQ(catalog->rules()[1].route, 1U);
  EXPECT_EQ(catalog->rules()[1].spec->name(), "other");
  EXPECT_EQ(catalog->consumers()[0].plan, 1U);
  EXPECT_EQ(catalog->plans()[1].name, "b/gold");
  EXPECT_EQ(catalog->installation(), "tollgate");
  EXPECT_EQ(catalog->version(), builder_.Seal().version());
}

TEST_F(CatalogTest, ThereIsOneProxyWhereTheSnapshotDoesNotSay) {
  EXPECT_EQ(builder_.Build()->proxies(), 1U);
  builder_.Proxies(0);
  EXPECT_EQ(builder_.Build()->proxies(), 1U);
}

TEST_F(CatalogTest, ThereAreAsManyProxiesAsTheSnapshotSays) {
  builder_.Proxies(3);
  EXPECT_EQ(builder_.Build()->proxies(), 3U);
}

// Of a controller, or a disk, from before there were settings.
TEST_F(CatalogTest, OlderSchemaIsRead) {
  builder_.Plan("b/gold");
  builder_.Upstream("a/one:80");
  api::Rule& rule = kit::AddRule(builder_.GuardedRoute("a/route", {"b/gold"}), "rule");
  kit::AddTarget(rule, "a/one:80");
  api::Snapshot snapshot = builder_.Seal();
  snapshot.set_schema(1);
  const auto catalog = Catalog::Decode(snapshot);
  ASSERT_TRUE(catalog.ok()) << catalog.error().message;
  EXPECT_EQ((*catalog)->rules().size(), 1U);
  EXPECT_EQ((*catalog)->proxies(), 1U);
}

TEST_F(CatalogTest, SettingsThatAreNoMessageAreRefused) {
  api::Snapshot snapshot = builder_.Seal();
  api::Resource& resource = *snapshot.add_resources();
  resource = api::MakeResource(api::SETTINGS, api::kSettingsName, api::Settings());
  resource.set_body("\xFF\xFF");
  resource.set_hash(std::string(AsBytes(Sha256(resource.body()))));
  api::SealSnapshot(snapshot);
  EXPECT_THAT(Refusal(snapshot), HasSubstr("\"settings\" of kind 5 cannot be decoded"));
}

TEST_F(CatalogTest, UnknownPlanOfARouteIsRefused) {
  builder_.GuardedRoute("a/route", {"a/gold"});
  EXPECT_THAT(Refusal(), HasSubstr("route \"a/route\" names the plan \"a/gold\""));
}

TEST_F(CatalogTest, UnknownPlanOfAConsumerIsRefused) {
  builder_.Consumer("a/gold", "ada");
  EXPECT_THAT(Refusal(), HasSubstr("consumer \"a/ada\" names the plan \"a/gold\""));
}

TEST_F(CatalogTest, UnknownUpstreamIsRefused) {
  kit::AddTarget(kit::AddRule(builder_.Route("a/route"), "rule"), "a/u:80");
  EXPECT_THAT(Refusal(), HasSubstr("rule \"rule\" of route \"a/route\" names the upstream \"a/u:80\""));
}

TEST_F(CatalogTest, BrokenRuleNeedsNoUpstream) {
  api::Rule& rule = kit::AddRule(builder_.Route("a/route"), "rule");
  kit::AddTarget(rule, "a/u:80");
  rule.set_broken("why");
  EXPECT_EQ(Refusal(), "accepted");
}

TEST_F(CatalogTest, TamperedSnapshotIsRefused) {
  builder_.Plan("a/gold");
  api::Snapshot snapshot = builder_.Seal();
  snapshot.mutable_resources(0)->mutable_body()->push_back('\0');
  EXPECT_THAT(Refusal(snapshot), HasSubstr("does not match its hash"));
}

TEST_F(CatalogTest, BodyThatIsNoMessageIsRefused) {
  api::Snapshot snapshot = builder_.Seal();
  api::Resource& resource = *snapshot.add_resources();
  resource = api::MakeResource(api::PLAN, "a/gold", api::Plan());
  resource.set_body("\xFF\xFF");
  resource.set_hash(std::string(AsBytes(Sha256(resource.body()))));
  api::SealSnapshot(snapshot);
  EXPECT_THAT(Refusal(snapshot), HasSubstr("\"a/gold\" of kind 2 cannot be decoded"));
}

TEST_F(CatalogTest, ResourceOfAnUnknownKindIsRefused) {
  api::Snapshot snapshot = builder_.Seal();
  *snapshot.add_resources() = api::MakeResource(static_cast<api::ResourceKind>(9), "a/x", api::Plan());
  api::SealSnapshot(snapshot);
  EXPECT_THAT(Refusal(snapshot), HasSubstr("\"a/x\" of kind 9 cannot be decoded"));
}

}  // namespace
}  // namespace tollgate::snapshot
