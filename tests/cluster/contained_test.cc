// What is wrong or too large in one object is told, and holds up nobody else.
#include <gmock/gmock.h>

#include <cstdio>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using kit::Eventually;

class Contained : public Gateway {
 protected:
  static double SecretsWithoutPlan() {
    kit::HttpClient client("10.250.0.10", 9090);
    const std::string text = client.Get("/metrics").body;
    const std::string series = "\ntollgate_controller_secrets_without_plan ";
    const size_t at = text.find(series);
    return at == std::string::npos ? -1 : std::atof(text.c_str() + at + series.size());
  }
  static size_t TimesSaid(const std::string& sentence) {
    const std::string said = installation->ControllerSaid();
    size_t times = 0;
    for (size_t at = said.find(sentence); at != std::string::npos; at = said.find(sentence, at + 1)) ++times;
    return times;
  }

  // A Secret of the plan gold, nearly as large as Kubernetes takes them, all of it keys of the entry acme.
  static std::string LargeSecret(int number) {
    std::string lines;
    char line[96];
    for (int i = 0; i < 14'000; ++i) {
      std::snprintf(line, sizeof line, "sha256:%064x\\n", number * 1'000'000 + i);
      lines += line;
    }
    return R"({"apiVersion": "v1", "kind": "Secret", "type": "tollgate.dev/api-keys",
      "metadata": {"namespace": "market", "labels": {"tollgate.dev/plan": "gold"}, "name": "large-)" +
           std::to_string(number) + R"("}, "stringData": {"acme": ")" + lines + "\"}}";
  }
};

TEST_F(Contained, SecretOfNoPlanIsToldOnceAndCounted) {
  EXPECT_EQ(SecretsWithoutPlan(), 0);
  ASSERT_TRUE(installation->Apply(Secret("fre", "bob", "a-key-of-no-plan-at-all-0123")))
      << installation->said;
  ASSERT_TRUE(Eventually([] { return SecretsWithoutPlan() == 1; })) << installation->ControllerSaid();
  const std::string sentence =
      "names ApiPlan market/fre, which does not exist, so the callers in this Secret are refused: set it to "
      "a plan of this namespace (gold, other)";
  EXPECT_EQ(TimesSaid(sentence), 1U) << installation->ControllerSaid();
  // Something else is published meanwhile.
  ASSERT_TRUE(installation->Apply(Route("later", kHost, "/later"))) << installation->said;
  ASSERT_TRUE(EventuallyServes(kHost, "/later"));
  EXPECT_EQ(TimesSaid(sentence), 1U);
  ASSERT_TRUE(installation->Apply(Secret("gold", "bob", "a-key-of-no-plan-at-all-0123")))
      << installation->said;
  EXPECT_TRUE(Eventually([] { return SecretsWithoutPlan() == 0; }));
  EXPECT_TRUE(EventuallyServes(kHost, "/v1/x", 200, "a-key-of-no-plan-at-all-0123"));
}

// Together they would be a resource that no message to a proxy carries.
TEST_F(Contained, ConsumerOfNineLargeSecretsHoldsUpNoOtherEdit) {
  for (int i = 1; i <= 9; ++i) {
    const Outcome created = Kubectl("create -f -", LargeSecret(i));
    ASSERT_EQ(created.code, 0) << created.out;
  }
  EXPECT_TRUE(Eventually(
      [] {
        return Installation::Condition("apiplan", "market", "gold", "PartiallyInvalid") == "True/Invalid";
      },
      std::chrono::seconds(60)))
      << installation->ControllerSaid();
  ASSERT_TRUE(installation->Apply(Route("after", kHost, "/after"))) << installation->said;
  EXPECT_TRUE(EventuallyServes(kHost, "/after")) << installation->ControllerSaid();
  EXPECT_EQ(TimesSaid("cannot be published"), 0U);
}

}  // namespace
}  // namespace tollgate::cluster
