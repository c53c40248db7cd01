// Upstreams that get no more connections than their rule allows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/load.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::HasSubstr;

class ConnectionLimits : public testing::Test {
 protected:
  void Serve(const std::string& policy, const std::string& threads) {
    std::string route = kit::PublicRoute("a.example");
    route.replace(route.find("http}}]}"), 8, "http}}], " + policy + "}");
    gateway_.WriteService("test", "upstream", upstream_.port()).Write("route.yaml", route);
    ASSERT_TRUE(gateway_.Start({"--threads=" + threads})) << gateway_.Stderr();
  }
  kit::LoadTarget Target() {
    kit::LoadTarget target{"127.0.0.1", gateway_.port(), {}};
    target.request.headers = {"Host: a.example"};
    return target;
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(ConnectionLimits, AreKeptUnderLoad) {
  Serve("limits: {connections: 2}", "1");
  kit::Load load(std::vector<kit::LoadTarget>(8, Target()), {}, 2'000);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  EXPECT_EQ(load.Count(200), 2'000u) << load.Errors();
  EXPECT_EQ(upstream_.accepted(), 2u);
}

// What lies idle on one core is given up for another one.
TEST_F(ConnectionLimits, HoldForAllCoresTogether) {
  Serve("limits: {connections: 1}, timeouts: {connect: 20s}", "4");
  std::deque<kit::HttpClient> callers;
  for (int i = 0; i < 12; ++i) callers.emplace_back(gateway_.port());
  for (int round = 0; round < 3; ++round) {
    for (kit::HttpClient& caller : callers) {
      EXPECT_EQ(caller.Get("/", {"Host: a.example"}).status, 200);
    }
  }
  EXPECT_TRUE(kit::Eventually([&] { return upstream_.open() == 1; })) << upstream_.open();
  kit::Load load(std::vector<kit::LoadTarget>(8, Target()), {}, 1'000);
  ASSERT_TRUE(load.AwaitAnswers(0));
  load.Stop();
  EXPECT_EQ(load.Count(200), 1'000u) << load.Errors();
  EXPECT_TRUE(kit::Eventually([&] { return upstream_.open() <= 1; })) << upstream_.open();
}

TEST_F(ConnectionLimits, ARequestBeyondThemIsToldSo) {
  Serve("limits: {connections: 1, pending: 0}", "1");
  upstream_.SetAnswer("");
  kit::RawClient first(gateway_.port());
  first.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(kit::Eventually([&] { return upstream_.begun() == 1; }));
  kit::HttpClient second(gateway_.port());
  const kit::HttpAnswer answer = second.Get("/", {"Host: a.example"});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("retry-after"), "1");
  EXPECT_THAT(answer.body, HasSubstr("problems/overloaded"));
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_.AccessLog().find("\"problem\":\"overloaded\",\"reason\":\"pending-limit\"") !=
           std::string::npos;
  })) << gateway_.AccessLog();
}

TEST_F(ConnectionLimits, ARequestThatWaitsInVainIsToldSo) {
  Serve("limits: {connections: 1}, timeouts: {connect: 100ms}", "1");
  upstream_.SetAnswer("");
  kit::RawClient first(gateway_.port());
  first.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(kit::Eventually([&] { return upstream_.begun() == 1; }));
  kit::HttpClient second(gateway_.port());
  EXPECT_EQ(second.Get("/", {"Host: a.example"}).status, 503);
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_.AccessLog().find("\"reason\":\"connection-limit\"") != std::string::npos;
  })) << gateway_.AccessLog();
}

}  // namespace
}  // namespace tollgate
