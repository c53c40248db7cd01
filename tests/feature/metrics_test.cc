// /metrics says what happened.

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

class Metrics : public testing::Test {
 protected:
  void SetUp() override {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(Metrics, CountersEqualWhatTheClientSent) {
  kit::HttpClient client(gateway_.port());
  for (int i = 0; i < 17; ++i) client.Get("/", {"Host: a.example"});
  for (int i = 0; i < 5; ++i) client.Get("/", {"Host: nobody.example"});
  kit::HttpRequest post;
  post.method = "POST";
  post.headers = {"Host: a.example"};
  post.body = std::string(1000, 'x');
  client.Send(post);
  // A request is counted when its answer has left, which its caller may see first: the last one's comes last.
  EXPECT_TRUE(
      kit::Eventually([this] { return gateway_.Metric("tollgate_proxy_request_bytes_total") == 1000; }));
  EXPECT_EQ(gateway_.Metric(
                "tollgate_proxy_requests_total{route=\"test/upstream\",rule=\"all\",plan=\"\",code=\"200\","
                "source=\"upstream\"}"),
            18);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_requests_total{route=\"\",rule=\"\",plan=\"\",code=\"404\","
                            "source=\"gateway\"}"),
            5);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_refusals_total{reason=\"no-route\"}"), 5);
  EXPECT_EQ(gateway_.Metric("tollgate_upstream_requests_total{upstream=\"test/upstream:http\",code=\"200\"}"),
            18);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_request_duration_seconds_count"), 23);
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_connections"), 1);
}

TEST_F(Metrics, PromtoolFindsNothingToMend) {
  kit::HttpClient client(gateway_.port());
  client.Get("/", {"Host: a.example"});
  const std::string command =
      "curl -s --noproxy '*' http://127.0.0.1:" + std::to_string(gateway_.metrics_port()) +
      "/metrics | promtool check metrics 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string said;
  char line[512];
  while (fgets(line, sizeof line, pipe) != nullptr) said += line;
  EXPECT_EQ(pclose(pipe), 0) << said;
  EXPECT_EQ(said, "");
}

TEST_F(Metrics, HealthIsToldApart) {
  kit::HttpClient client(gateway_.metrics_port());
  EXPECT_EQ(client.Get("/livez").status, 200);
  EXPECT_EQ(client.Get("/readyz").status, 200);
  EXPECT_EQ(client.Get("/nothing").status, 404);
}

}  // namespace
}  // namespace tollgate
