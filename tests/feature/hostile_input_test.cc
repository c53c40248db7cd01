// Bytes that no client would send: the gateway answers or closes, and goes on serving. Run on a build with
// sanitizers as well, where a leak or a stray read is a failure too.

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/kit/gateway.h"
#include "tests/kit/hostile_bytes.h"
#include "tests/kit/raw_client.h"
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

  static void SendAndForget(int port, const std::string& bytes) {
    kit::RawClient client(port);
    ASSERT_TRUE(client.connected());
    client.Send(bytes);
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
  kit::HostileBytes hostile_;
};

TEST_F(HostileInput, RandomBytesAtEveryPortLeaveItServing) {
  for (int i = 0; i < 10'000; ++i) {
    SendAndForget(i % 4 == 0 ? gateway_.metrics_port() : gateway_.port(), hostile_.Random());
  }
}

TEST_F(HostileInput, MutatedRequestsLeaveItServing) {
  for (int i = 0; i < 1'000; ++i) SendAndForget(gateway_.port(), hostile_.MutatedRequest());
}

}  // namespace
}  // namespace tollgate
