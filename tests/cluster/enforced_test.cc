// Whether a plan's status says the truth about its limits: two real proxies, and a Redis that is there, dies,
// comes back, and is told to throw away what it counts. What takes back an earlier word takes half a minute
// each time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"
#include "tests/kit/redis_server.h"

namespace tollgate::cluster {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Half a minute, and a machine that is busy.
constexpr std::chrono::seconds kNews{75};

class EnforcedStatus : public Gateway {
 protected:
  static void SetUpTestSuite() {
    redis = new kit::RedisServer({"--maxmemory-policy", "noeviction"});
    Begin({"--limits-store=" + redis->url(), "--store-slow-after=1s"});
    ASSERT_TRUE(installation->Apply(Plan("closed", "  enforcement: {whenStoreIsDown: Closed}\n")))
        << installation->said;
  }
  static void TearDownTestSuite() {
    Gateway::TearDownTestSuite();
    delete redis;
  }

  static bool Becomes(const std::string& plan, const std::string& condition) {
    return kit::Eventually(
        [&] { return Installation::Condition("apiplan", "market", plan, "Enforced") == condition; }, kNews);
  }
  static std::string Message(const std::string& plan) {
    return Kubectl("get apiplan -n market " + plan +
                   " -o jsonpath='{.status.conditions[?(@.type==\"Enforced\")].message}'")
        .out;
  }

  static kit::RedisServer* redis;
};
kit::RedisServer* EnforcedStatus::redis = nullptr;

TEST_F(EnforcedStatus, FollowsTheStore) {
  ASSERT_TRUE(Becomes("gold", "True/StoreReached")) << Message("gold");
  redis->Kill();
  ASSERT_TRUE(Becomes("gold", "False/StoreUnreachable")) << Message("gold");
  EXPECT_THAT(Message("gold"), AllOf(HasSubstr("Proxies proxy-1, proxy-2 do not reach the limits store"),
                                     HasSubstr("whenStoreIsDown: Local")));
  ASSERT_TRUE(Becomes("closed", "False/StoreUnreachable"));
  EXPECT_THAT(Message("closed"), HasSubstr("whenStoreIsDown: Closed"));
  redis->Start();
  EXPECT_TRUE(Becomes("gold", "True/StoreReached")) << Message("gold");
  redis->Ask({"config", "set", "maxmemory-policy", "allkeys-lru"});
  EXPECT_TRUE(Becomes("gold", "False/EvictingStore")) << Message("gold");
  EXPECT_THAT(Message("gold"), HasSubstr("maxmemory-policy to noeviction"));
  redis->Ask({"config", "set", "maxmemory-policy", "noeviction"});
  EXPECT_TRUE(Becomes("gold", "True/StoreReached")) << Message("gold");
}

}  // namespace
}  // namespace tollgate::cluster
