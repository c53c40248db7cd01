// Bytes that no client would send: the gateway answers or closes, and goes on serving. Run on a build with
// sanitizers as well, where a leak or a stray read is a failure too.

#include <gtest/gtest.h>
#include <signal.h>

#include <random>

#include "tests/kit/gateway.h"
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
  std::mt19937_64 random_{20261121};
};

TEST_F(HostileInput, RandomBytesAtEveryPortLeaveItServing) {
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes(random_() % 512 + 1, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    SendAndForget(i % 4 == 0 ? gateway_.metrics_port() : gateway_.port(), bytes);
  }
}

TEST_F(HostileInput, MutatedRequestsLeaveItServing) {
  const std::vector<std::string> seeds = {
      "GET /a/b?c=d HTTP/1.1\r\nHost: a.example\r\nX-Api-Key: k\r\nCookie: a=b; c=d\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nT: "
      "v\r\n\r\n"};
  for (int i = 0; i < 1'000; ++i) {
    std::string bytes = seeds[random_() % seeds.size()];
    for (uint64_t n = random_() % 4 + 1; n > 0; --n) {
      const size_t at = random_() % bytes.size();
      switch (random_() % 3) {
        case 0: bytes[at] = static_cast<char>(random_()); break;
        case 1: bytes.erase(at, 1); break;
        default: bytes.insert(at, 1, static_cast<char>(random_())); break;
      }
    }
    SendAndForget(gateway_.port(), bytes);
  }
}

}  // namespace
}  // namespace tollgate
