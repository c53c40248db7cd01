// Bytes that no client would send: the gateway answers or closes, and goes on serving. Run on a build with
// sanitizers as well, where a leak or a stray read is a failure too.

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/kit/gateway.h"
#include "tests/kit/hostile_bytes.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

class HostileInput : public testing::Test {
 protected:
  void SetUp() override {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  // Still serving, and ending cleanly (a sanitizer's findings are an exit code of their own).
  void TearDown() override {
    kit::HttpClient client(gateway_.port());
    EXPECT_EQ(client.Get("/", {"Host: a.example"}).status, 200);
    gateway_.process().Signal(SIGTERM);
    EXPECT_EQ(gateway_.process().Wait(std::chrono::seconds(60)), 0) << gateway_.Stderr();
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
  kit::HostileBytes hostile_{20261121};
};

TEST_F(HostileInput, RandomBytesAtEveryPortLeaveItServing) {
  const auto random = [this] { return hostile_.Random(); };
  EXPECT_GT(kit::CountAnswered(gateway_.port(), 10'000, "400", random), 5'000);
  EXPECT_GT(kit::CountAnswered(gateway_.metrics_port(), 10'000, "400", random), 5'000);
}

TEST_F(HostileInput, MutatedRequestsLeaveItServing) {
  const auto mutated = [this] { return hostile_.MutatedRequest(); };
  EXPECT_GT(kit::CountAnswered(gateway_.port(), 1'000, "400", mutated), 100);
}

TEST_F(HostileInput, MutatedHttp2LeavesItServing) {
  const auto mutated = [this] { return hostile_.MutatedHttp2(); };
  const std::string settings("\0\0\x18\4\0\0\0\0\0", 9);  // the gateway's own
  EXPECT_EQ(kit::CountBeginning(gateway_.port(), 4'000, settings, mutated), 4'000);
}

}  // namespace
}  // namespace tollgate
