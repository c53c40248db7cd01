// What the author of a plan is told, and when a plan admits nobody.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using PlansTest = CompilerTest;

TEST_F(PlansTest, ValidPlanWithCallers) {
  PutSurroundings();
  Compile();
  EXPECT_EQ(PlanNamed("market/gold")->broken(), "");
  EXPECT_EQ(PlanCondition("market/gold", "Accepted"), "Accepted=True/Accepted: The plan is valid");
  EXPECT_THAT(PlanCondition("market/gold", "ResolvedRefs"), StartsWith("ResolvedRefs=True/ResolvedRefs"));
  EXPECT_THAT(PlanCondition("market/gold", "CredentialsSafe"),
              StartsWith("CredentialsSafe=True/DigestsOnly"));
  EXPECT_EQ(VerdictOn("ApiPlan", "market/gold")->generation, 1);
}

TEST_F(PlansTest, PlanWithoutConsumersSaysThatNobodyCanCallYet) {
  Put(MakePlan("market/gold"));
  Compile();
  EXPECT_THAT(PlanCondition("market/gold", "Accepted"),
              AllOf(StartsWith("Accepted=True/Accepted: "), HasSubstr("nobody can call yet"),
                    HasSubstr("label tollgate.dev/plan: gold")));
}

TEST_F(PlansTest, AnyMistakeRefusesTheWholePlan) {
  PutSurroundings();
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.api_keys = resource::ApiKeys{.from = {{resource::KeyLocation::Type::kQuery, "key"}}, .forward = true};
  plan.rate_limits = {
      {.name = "burst", .requests = 5, .per = std::chrono::seconds(1), .burst = {}, .scope = {}}};
  plan.mistakes = {{"spec.quota.credits", "is no number: write one"},
                   {"spec.allow", "is no object: write one"}};
  Put(plan);
  Compile();
  const auto compiled = PlanNamed("market/gold");
  EXPECT_EQ(compiled->broken(), "spec.quota.credits: is no number: write one (and mistakes in spec.allow)");
  EXPECT_FALSE(compiled->allow_all_operations());
  EXPECT_EQ(compiled->rate_limits_size(), 0);
  EXPECT_THAT(PlanCondition("market/gold", "Accepted"),
              StartsWith("Accepted=False/Invalid: spec.quota.credits"));
}

// Where a plan is broken, callers still send its keys; they must not reach the upstream.
TEST_F(PlansTest, BrokenPlanStillSaysWhereKeysStand) {
  resource::ApiPlan plan = MakePlan("market/gold");
  plan.api_keys = resource::ApiKeys{.from = {{resource::KeyLocation::Type::kQuery, "key"}}, .forward = true};
  plan.mistakes = {{"spec.quota.credits", "is no number: write one"}};
  Put(plan);
  Compile();
  EXPECT_EQ(PlanNamed("market/gold")->key_locations(0).name(), "key");
  EXPECT_FALSE(PlanNamed("market/gold")->forward_key());
}

TEST_F(PlansTest, PlanWhoseSecretsMayNotBeReadIsBrokenAndNotEmpty) {
  PutSurroundings("market");
  PutSurroundings("rival");
  options_.secrets_denied_in = {"market"};
  Compile();
  EXPECT_THAT(PlanNamed("market/gold")->broken(),
              HasSubstr("the Secrets of namespace market may not be read"));
  EXPECT_THAT(
      PlanCondition("market/gold", "ResolvedRefs"),
      AllOf(StartsWith("ResolvedRefs=False/SecretAccessDenied: "),
            HasSubstr("create a RoleBinding there, by which the controller's account can list and watch")));
  EXPECT_EQ(PlanNamed("rival/gold")->broken(), "");
}

TEST_F(PlansTest, PlanWhoseSecretsAreNotReadIsBrokenAndNotEmpty) {
  Put(MakePlan("market/gold"));
  PutSurroundings("rival");
  options_.secret_namespaces = {"rival"};
  Compile();
  EXPECT_THAT(PlanNamed("market/gold")->broken(), HasSubstr("the Secrets of namespace market are not read"));
  EXPECT_THAT(PlanCondition("market/gold", "ResolvedRefs"),
              AllOf(StartsWith("ResolvedRefs=False/SecretAccessDenied: "),
                    HasSubstr("add market to --secret-namespaces of tollgate-controller"),
                    HasSubstr("RoleBinding there")));
  EXPECT_EQ(PlanCondition("market/gold", "Accepted"), "Accepted=True/Accepted: The plan is valid")
      << "that nobody can call yet is not known";
  EXPECT_EQ(PlanNamed("rival/gold")->broken(), "");
}

// A RoleBinding does not help where the Secrets of all namespaces are asked for.
TEST_F(PlansTest, WhereAllSecretsMayNotBeReadEveryPlanIsBrokenAndTheFlagIsNamed) {
  PutSurroundings("market");
  options_.secrets_denied_in = {"*"};
  Compile();
  EXPECT_NE(PlanNamed("market/gold")->broken(), "");
  EXPECT_THAT(PlanCondition("market/gold", "ResolvedRefs"),
              AllOf(StartsWith("ResolvedRefs=False/SecretAccessDenied: "),
                    HasSubstr("name market in --secret-namespaces")));
}

TEST_F(PlansTest, PlainKeysAreNotSafe) {
  Put(MakePlan("market/gold"));
  resource::ConsumerSecret secret = MakeSecret("market/keys", "gold", {MakeEntry("alice", {"k"})});
  secret.has_plain_keys = true;
  Put(secret);
  Compile();
  EXPECT_THAT(PlanCondition("market/gold", "CredentialsSafe"),
              AllOf(StartsWith("CredentialsSafe=False/PlaintextKeys: "), HasSubstr("market/keys")));
  EXPECT_TRUE(ConsumerNamed("market/gold/alice")) << "unsafe, but valid";
}

TEST_F(PlansTest, ConditionsStandInTheDocumentedOrder) {
  Put(MakePlan("market/gold"));
  resource::ConsumerSecret secret = MakeSecret("market/keys", "gold", {});
  secret.mistakes = {{"bob", "line 1 is no key: write sha256:<hex>"}};
  Put(secret);
  Compile();
  std::vector<std::string> types;
  for (const Condition& condition : VerdictOn("ApiPlan", "market/gold")->conditions)
    types.push_back(condition.type);
  EXPECT_THAT(types,
              ::testing::ElementsAre("Accepted", "PartiallyInvalid", "ResolvedRefs", "CredentialsSafe"));
}

}  // namespace
}  // namespace tollgate::compile
