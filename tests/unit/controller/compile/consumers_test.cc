// Who may call by a plan, and what counts where Secrets disagree.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ConsumersTest : public CompilerTest {
 protected:
  ConsumersTest() { Put(MakePlan("market/gold")); }

  // Whether the consumer of the plan gold has exactly these keys.
  ::testing::AssertionResult HasKeys(const std::string& name, const std::vector<std::string>& keys) const {
    const auto consumer = ConsumerNamed("market/gold/" + name);
    if (!consumer) return ::testing::AssertionFailure() << "no consumer " << name;
    std::set<std::string> expected;
    for (const std::string& key : keys) expected.insert(std::string(AsBytes(Sha256(key))));
    std::set<std::string> found;
    for (const api::Credential& credential : consumer->credentials()) found.insert(credential.digest());
    if (found == expected) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "has " << found.size() << " other keys";
  }
};

TEST_F(ConsumersTest, EntryIsAConsumerOfItsPlan) {
  resource::ConsumerEntry entry = MakeEntry("alice", {"old", "new"});
  entry.keys[0].expires_us = 1'700'000'000'000'000;
  entry.suspended = true;
  entry.group = "staff";
  Put(MakeSecret("market/keys", "gold", {entry}));
  Compile();
  EXPECT_TRUE(HasKeys("alice", {"old", "new"}));
  const auto consumer = ConsumerNamed("market/gold/alice");
  EXPECT_EQ(consumer->id(), "market/alice");
  EXPECT_EQ(consumer->plan(), "market/gold");
  EXPECT_TRUE(consumer->suspended());
  EXPECT_EQ(consumer->group(), "staff");
  EXPECT_FALSE(consumer->has_credits());
  EXPECT_EQ(VerdictOn("ApiPlan", "market/gold")->consumer_count, 1u);
}

TEST_F(ConsumersTest, IdStandsInPlaceOfTheEntrysName) {
  resource::ConsumerEntry entry = MakeEntry("e1", {"k"});
  entry.id = "https://id.example.com/|alice";
  Put(MakeSecret("market/keys", "gold", {entry}));
  Compile();
  EXPECT_EQ(ConsumerNamed("market/gold/https://id.example.com/|alice")->id(),
            "market/https://id.example.com/|alice");
}

TEST_F(ConsumersTest, SameNameInSeveralSecretsIsOneConsumerWithTheOldestsAttributes) {
  resource::ConsumerEntry older = MakeEntry("alice", {"k1"});
  older.group = "older";
  resource::ConsumerEntry younger = MakeEntry("alice", {"k2"});
  younger.group = "younger";
  Put(MakeSecret("market/a", "gold", {younger}, 200));
  Put(MakeSecret("market/b", "gold", {older}, 100));
  Compile();
  EXPECT_TRUE(HasKeys("alice", {"k1", "k2"}));
  EXPECT_EQ(ConsumerNamed("market/gold/alice")->group(), "older");
  EXPECT_EQ(VerdictOn("ApiPlan", "market/gold")->consumer_count, 1u);
}

TEST_F(ConsumersTest, SameKeyTwiceBelongsToTheOldestSecretAndTheOtherIsReported) {
  Put(MakeSecret("market/a", "gold", {MakeEntry("mallory", {"k", "own"})}, 200));
  Put(MakeSecret("market/b", "gold", {MakeEntry("alice", {"k"})}, 100));
  Compile();
  EXPECT_TRUE(HasKeys("alice", {"k"}));
  EXPECT_TRUE(HasKeys("mallory", {"own"}));
  EXPECT_THAT(PlanCondition("market/gold", "PartiallyInvalid"),
              AllOf(StartsWith("PartiallyInvalid=True/Invalid: Secret market/a, entry mallory: "),
                    HasSubstr("Secret market/b, entry alice")));
  EXPECT_THAT(PlanCondition("market/gold", "Accepted"), StartsWith("Accepted=True"));
}

TEST_F(ConsumersTest, SameKeyInTwoPlansIsACallerOfBoth) {
  Put(MakePlan("market/free"));
  Put(MakeSecret("market/a", "gold", {MakeEntry("alice", {"k"})}));
  Put(MakeSecret("market/b", "free", {MakeEntry("alice", {"k"})}));
  Compile();
  EXPECT_TRUE(ConsumerNamed("market/gold/alice"));
  EXPECT_TRUE(ConsumerNamed("market/free/alice"));
  EXPECT_EQ(PlanCondition("market/gold", "PartiallyInvalid"), "");
}

TEST_F(ConsumersTest, SecretOfAnotherNamespaceAddsNobody) {
  Put(MakeSecret("rival/keys", "gold", {MakeEntry("mallory", {"k"})}));
  Compile();
  EXPECT_FALSE(ConsumerNamed("market/gold/mallory"));
  EXPECT_EQ(VerdictOn("ApiPlan", "market/gold")->consumer_count, 0u);
}

TEST_F(ConsumersTest, SecretOfAMissingPlanIsIgnored) {
  Put(MakeSecret("market/keys", "platinum", {MakeEntry("alice", {"k"})}));
  Compile();
  EXPECT_FALSE(ConsumerNamed("market/platinum/alice"));
}

// The Secrets that are told to have no plan, each as "namespace/name: condition/reason: message".
class StraySecretsTest : public ConsumersTest {
 protected:
  std::vector<std::string> Stray() {
    Compile();
    std::vector<std::string> stray;
    for (const ObjectVerdict& verdict : compiled_.stray_secrets) {
      const Condition& condition = verdict.conditions.at(0);
      EXPECT_EQ(verdict.kind, "Secret");
      EXPECT_FALSE(condition.status);
      stray.push_back(verdict.name.ToString() + ": " + condition.type + "/" + condition.reason + ": " +
                      condition.message);
    }
    return stray;
  }
};

TEST_F(StraySecretsTest, LabelWithoutItsPlanIsToldWithThePlansThatThereAre) {
  Put(MakePlan("market/free"));
  Put(MakePlan("rival/fre"));
  Put(MakeSecret("market/good", "gold", {MakeEntry("alice", {"k"})}));
  Put(MakeSecret("market/keys", "fre", {MakeEntry("bob", {"l"})}));
  EXPECT_THAT(
      Stray(),
      ElementsAre("market/keys: ResolvedRefs/RefNotFound: metadata.labels.tollgate.dev/plan: names ApiPlan "
                  "market/fre, which does not exist, so the callers in this Secret are refused: set it to a "
                  "plan of this namespace (free, gold)"));
}

TEST_F(StraySecretsTest, MissingLabelIsTold) {
  Put(MakeSecret("market/keys", "", {}));
  EXPECT_THAT(Stray(), ElementsAre(HasSubstr("names no plan, so the callers in this Secret are refused")));
}

TEST_F(StraySecretsTest, WhereThereIsNoPlanTheRemedyIsToCreateIt) {
  Put(MakeSecret("rival/keys", "gold", {MakeEntry("bob", {"k"})}));
  EXPECT_THAT(Stray(), ElementsAre(HasSubstr("rival/gold, which does not exist, so the callers in this "
                                             "Secret are refused: create the plan")));
}

// Its own controller takes the Secret in.
TEST_F(StraySecretsTest, PlanOfAnotherInstallationIsAPlan) {
  resource::ApiPlan plan = MakePlan("market/silver");
  plan.installation = "other";
  Put(plan);
  Put(MakeSecret("market/keys", "silver", {MakeEntry("bob", {"k"})}));
  EXPECT_THAT(Stray(), IsEmpty());
}

TEST_F(ConsumersTest, RefusedLinesAreReportedByEntryAndTheRestServes) {
  resource::ConsumerSecret secret = MakeSecret("market/keys", "gold", {MakeEntry("alice", {"k"})});
  secret.mistakes = {{"bob", "line 1 is no key: write sha256:<hex>"}};
  Put(secret);
  Compile();
  EXPECT_TRUE(HasKeys("alice", {"k"}));
  EXPECT_EQ(
      PlanCondition("market/gold", "PartiallyInvalid"),
      "PartiallyInvalid=True/Invalid: Secret market/keys, entry bob: line 1 is no key: write sha256:<hex>");
}

// Nine Secrets of 1 MiB with the same entry would be a resource that no message to a proxy carries.
TEST_F(ConsumersTest, KeysOfAConsumerAreBoundedOverAllItsSecrets) {
  std::vector<std::string> keys;
  for (int i = 0; i < 1'100; ++i) keys.push_back("key " + std::to_string(i));
  Put(MakeSecret("market/a", "gold", {MakeEntry("alice", {keys.begin(), keys.begin() + 600})}, 100));
  Put(MakeSecret("market/b", "gold", {MakeEntry("alice", {keys.begin() + 600, keys.end()})}, 200));
  Put(MakeSecret("market/c", "gold", {MakeEntry("bob", {keys.back(), "bob's"})}, 300));
  Compile();
  EXPECT_TRUE(HasKeys("alice", {keys.begin(), keys.begin() + 1'000}));
  EXPECT_TRUE(HasKeys("bob", {keys.back(), "bob's"}));
  EXPECT_EQ(PlanCondition("market/gold", "PartiallyInvalid"),
            "PartiallyInvalid=True/Invalid: Secret market/b, entry alice: the last 100 of its keys admit "
            "nobody, a consumer may have 1000: take old keys out, or give callers names of their own");
}

TEST_F(ConsumersTest, EntryWithoutAKeyIsNoCaller) {
  Put(MakeSecret("market/keys", "gold", {MakeEntry("alice", {})}));
  Compile();
  EXPECT_FALSE(ConsumerNamed("market/gold/alice"));
}

TEST_F(ConsumersTest, OldestEntryWithoutAKeyStillDecidesTheAttributes) {
  resource::ConsumerEntry suspended = MakeEntry("alice", {});
  suspended.suspended = true;
  Put(MakeSecret("market/a", "gold", {suspended}, 100));
  Put(MakeSecret("market/b", "gold", {MakeEntry("alice", {"k"})}, 200));
  Compile();
  EXPECT_TRUE(ConsumerNamed("market/gold/alice")->suspended());
}

TEST_F(ConsumersTest, OverridesStandInPlaceOfThePlansTerms) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.rate_limits = {
      {.name = "burst", .requests = 50, .per = std::chrono::seconds(1), .burst = {}, .scope = {}}};
  plan.quota.emplace().credits = 10;
  Put(plan);
  resource::ConsumerEntry entry = MakeEntry("alice", {"k"});
  entry.limits = {{"burst", 500}};
  entry.credits = 0;
  Put(MakeSecret("market/keys", "gold", {entry}));
  Compile();
  const auto consumer = ConsumerNamed("market/gold/alice");
  ASSERT_EQ(consumer->limits_size(), 1);
  EXPECT_EQ(consumer->limits(0).limit(), "burst");
  EXPECT_EQ(consumer->limits(0).requests(), 500u);
  EXPECT_TRUE(consumer->has_credits());
  EXPECT_EQ(consumer->credits(), 0u);
  EXPECT_EQ(PlanCondition("market/gold", "PartiallyInvalid"), "");
}

TEST_F(ConsumersTest, OverrideOfNothingIsReported) {
  resource::ConsumerEntry entry = MakeEntry("alice", {"k"});
  entry.limits = {{"burts", 500}};
  entry.credits = 5;
  Put(MakeSecret("market/keys", "gold", {entry}));
  Compile();
  EXPECT_EQ(ConsumerNamed("market/gold/alice")->limits_size(), 0);
  EXPECT_THAT(PlanCondition("market/gold", "PartiallyInvalid"), HasSubstr("has limit.burts, but the plan"));
}

TEST_F(ConsumersTest, OverrideOfALimitThatManyShareIsReported) {
  for (const auto scope : {resource::LimitScope::kPlan, resource::LimitScope::kAddress}) {
    resource::ApiPlan plan = MakePlan("market/gold");
    plan.rate_limits = {
        {.name = "pool", .requests = 5, .per = std::chrono::seconds(1), .burst = {}, .scope = scope}};
    Put(plan);
    resource::ConsumerEntry entry = MakeEntry("alice", {"k"});
    entry.limits = {{"pool", 500}};
    Put(MakeSecret("market/keys", "gold", {entry}));
    Compile();
    EXPECT_EQ(ConsumerNamed("market/gold/alice")->limits_size(), 0);
    EXPECT_THAT(PlanCondition("market/gold", "PartiallyInvalid"),
                HasSubstr("many callers share that rate limit"));
  }
}

TEST_F(ConsumersTest, AttributesAreReportedAndLeaveTheCallerWhatItIs) {
  resource::ConsumerEntry entry = MakeEntry("alice", {"k"});
  entry.attributes = {{"tier", "1"}};
  Put(MakeSecret("market/keys", "gold", {entry}));
  Compile();
  EXPECT_TRUE(HasKeys("alice", {"k"}));
  EXPECT_THAT(PlanCondition("market/gold", "PartiallyInvalid"),
              HasSubstr("has attr.tier, but attributes are not in use yet"));
}

// Its limits may be the part that could not be read.
TEST_F(ConsumersTest, OverridesAreNotHeldAgainstAPlanWithMistakes) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.mistakes = {{"spec.rateLimits[0].per", "is no duration: write one"}};
  Put(plan);
  resource::ConsumerEntry entry = MakeEntry("alice", {"k"});
  entry.limits = {{"burst", 7}};
  entry.credits = 9;
  Put(MakeSecret("market/keys", "gold", {entry}));
  Compile();
  EXPECT_EQ(PlanCondition("market/gold", "PartiallyInvalid"), "");
}

// Which plans' callers are compiled anew after an edit.
class ConsumerCacheTest : public CompilerTest {
 protected:
  ConsumerCacheTest() {
    for (const char* space : {"market", "rival"}) PutSurroundings(space);
    before_ = Table();
  }

  ConsumerTable Table() {
    return CompileConsumers(store_.objects().consumer_secrets, store_.objects().plans, &cache_);
  }
  bool IsCompiledAnew(const std::string& plan) {
    return Table().at(NameOf(plan)) != before_.at(NameOf(plan));
  }

  ConsumerCache cache_;
  ConsumerTable before_;
};

TEST_F(ConsumerCacheTest, NothingIsWithoutAnEdit) {
  EXPECT_FALSE(IsCompiledAnew("market/gold"));
  EXPECT_FALSE(IsCompiledAnew("rival/gold"));
}

TEST_F(ConsumerCacheTest, EditOfASecretConcernsItsPlanAlone) {
  Put(MakeSecret("market/gold-keys", "gold", {MakeEntry("bob", {"bob's key"})}));
  EXPECT_TRUE(IsCompiledAnew("market/gold"));
  EXPECT_FALSE(IsCompiledAnew("rival/gold"));
}

TEST_F(ConsumerCacheTest, NewAndDeletedSecretsConcernTheirPlan) {
  Put(MakeSecret("market/more-keys", "gold", {MakeEntry("bob", {"bob's key"})}));
  EXPECT_TRUE(IsCompiledAnew("market/gold"));
  before_ = Table();
  store_.Remove<resource::ConsumerSecret>(NameOf("market/more-keys"));
  EXPECT_TRUE(IsCompiledAnew("market/gold"));
  EXPECT_FALSE(IsCompiledAnew("rival/gold"));
}

TEST_F(ConsumerCacheTest, OfAPlanOnlyCountsWhatItsCallersDependOn) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.display_name = "Gold";
  plan.meta.generation = 2;
  Put(plan);
  EXPECT_FALSE(IsCompiledAnew("market/gold"));
  plan.quota = resource::Quota();
  Put(plan);
  EXPECT_TRUE(IsCompiledAnew("market/gold"));
}

TEST_F(ConsumerCacheTest, PlanThatWasAwayIsCompiledAnew) {
  store_.Remove<resource::ApiPlan>(NameOf("market/gold"));
  Table();
  Put(MakePlan("market/gold"));
  EXPECT_TRUE(IsCompiledAnew("market/gold"));
}

}  // namespace
}  // namespace tollgate::compile
