#include "cli/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/manifest_folder.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kPlan[] = R"(
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: gold, namespace: test}
spec: {displayName: Gold, credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}}
---)";

std::string Secret(const std::string& plan, const std::string& line = "sha256:" + std::string(64, 'a')) {
  return R"(
apiVersion: v1
kind: Secret
metadata: {name: callers, namespace: test, labels: {tollgate.dev/plan: )" +
         plan + "}}\ntype: tollgate.dev/api-keys\nstringData: {alice: \"" + line + "\"}\n";
}

std::set<Finding> FindingsIn(const std::string& yaml, const compile::CompilerOptions& options = {}) {
  const kit::TempFolder folder;
  folder.Write("all.yaml", yaml);
  const auto objects = ReadFolder({folder.path()});
  EXPECT_TRUE(objects.ok());
  return objects.ok() ? FindingsOf(*objects, compile::Compile(*objects, options)) : std::set<Finding>{};
}

TEST(Findings, NothingIsSaidOfWhatIsAsItShouldBe) {
  EXPECT_THAT(FindingsIn(kPlan + Secret("gold")), IsEmpty());
}

TEST(Findings, APlanThatNobodyCanCallIsOne) {
  EXPECT_THAT(
      FindingsIn(kPlan),
      ElementsAre(AllOf(Field(&Finding::kind, "ApiPlan"), Field(&Finding::object, "test/gold"),
                        Field(&Finding::message, HasSubstr("nobody can call yet: create a Secret")))));
}

TEST(Findings, ALineOfACallerSpeaksThroughItsPlan) {
  EXPECT_THAT(FindingsIn(kPlan + Secret("gold", "no-key")),
              testing::Contains(
                  AllOf(Field(&Finding::kind, "ApiPlan"), Field(&Finding::condition, "PartiallyInvalid"),
                        Field(&Finding::message, HasSubstr("Secret test/callers, entry alice")))));
}

TEST(Findings, ASecretWhosePlanIsNotThereSpeaksForItself) {
  const std::set<Finding> findings = FindingsIn(kPlan + Secret("golden", "no-key"));
  const auto of_secret = AllOf(Field(&Finding::kind, "Secret"), Field(&Finding::object, "test/callers"));
  EXPECT_THAT(findings, Contains(AllOf(of_secret,
                                       Field(&Finding::message,
                                             HasSubstr("names ApiPlan test/golden, which does not exist")))));
  EXPECT_THAT(findings,
              Contains(AllOf(of_secret, Field(&Finding::message, HasSubstr("alice: line 1 is refused")))));
}

TEST(Findings, TheSecretsOfAnotherInstallationsPlanAreItsOwnAffair) {
  compile::CompilerOptions other;
  other.installation = "other";
  other.default_installation = false;
  EXPECT_THAT(FindingsIn(kPlan + Secret("gold", "no-key"), other), IsEmpty());
}

// What a report writes to the log.
std::string Said(FindingLog& log, std::set<Finding> findings) {
  testing::internal::CaptureStderr();
  log.Report(std::move(findings));
  return testing::internal::GetCapturedStderr();
}

TEST(FindingLog, SaysWhatIsNewAndWhatIsGone) {
  const Finding one{"GatewayRoute", "test/a", "Accepted", "Invalid", "first sentence"};
  const Finding two{"GatewayRoute", "test/b", "Accepted", "Invalid", "second sentence"};
  FindingLog log;
  EXPECT_THAT(Said(log, {one}), AllOf(HasSubstr("first sentence"), HasSubstr("\"object\":\"test/a\"")));
  EXPECT_EQ(Said(log, {one}), "");
  EXPECT_THAT(Said(log, {one, two}), AllOf(HasSubstr("second sentence"), Not(HasSubstr("first"))));
  EXPECT_THAT(Said(log, {two}), HasSubstr("no longer so: first sentence"));
}

}  // namespace
}  // namespace tollgate::cli
