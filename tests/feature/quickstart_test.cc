// examples/quickstart/ in the embedded mode answers what its README promises.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/quickstart_answers.h"

namespace tollgate {
namespace {

constexpr const char* kHost = kit::kQuickstartHost;
constexpr const char* kAlice = kit::kQuickstartAlice;
constexpr const char* kBob = kit::kQuickstartBob;

class Quickstart : public testing::Test {
 protected:
  void SetUp() override {
    echo_ = std::make_unique<kit::Process>(
        std::vector<std::string>{kit::ProgramPath("tollgate-echo"), "--address=127.0.0.1:0", "--name=quotes",
                                 "--log=" + (state_ / "echo.log"), "--port-file=" + (state_ / "echo.ports")});
    const int port = kit::AwaitPorts(state_ / "echo.ports", *echo_)["http"];
    ASSERT_NE(port, 0);
    // The example's own files, but for the port of the endpoint, which a test must not choose.
    std::filesystem::copy(kit::SourcePath("examples/quickstart"), gateway_.manifests.path(),
                          std::filesystem::copy_options::recursive);
    std::string endpoints = gateway_.manifests.Read("local/endpoints.yaml");
    const size_t at = endpoints.find("port: 9000");
    ASSERT_NE(at, std::string::npos);
    gateway_.Write("local/endpoints.yaml", endpoints.replace(at, 10, "port: " + std::to_string(port)));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }

  kit::HttpAnswer Get(const std::string& target, std::vector<std::string> headers) {
    headers.push_back(kHost);
    return client_->Get(target, headers);
  }
  nlohmann::json SeenByUpstream(const kit::HttpAnswer& answer) { return nlohmann::json::parse(answer.body); }

  kit::TempFolder state_;
  std::unique_ptr<kit::Process> echo_;
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(Quickstart, TheUpstreamSeesTheCallerAndNotTheKey) {
  const kit::HttpAnswer answer =
      Get("/v1/quotes/ACME", {kAlice, "X-Tollgate-Consumer: root", "x-tollgate-group: admins"});
  ASSERT_EQ(answer.status, 200) << answer.error << answer.body;
  const nlohmann::json seen = SeenByUpstream(answer);
  EXPECT_EQ(seen["target"], "/internal/quote/ACME");
  EXPECT_EQ(seen["headers"]["X-Tollgate-Consumer"], "market/alice");
  EXPECT_EQ(seen["headers"]["X-Tollgate-Plan"], "market/free");
  EXPECT_EQ(seen["headers"]["X-Tollgate-Operation"], "quotes.read");
  EXPECT_FALSE(seen["headers"].contains("X-Api-Key"));
  EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("admins")));
  EXPECT_EQ(seen["headers"]["X-Request-Id"], answer.Header("x-request-id"));
}

TEST_F(Quickstart, AKeyInTheQueryIsTakenOutOfIt) {
  const kit::HttpAnswer answer = Get("/v1/quotes/ACME?a=1&api_key=demo-gold-0123456789abcdef&b=2", {});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(SeenByUpstream(answer)["target"], "/internal/quote/ACME?a=1&b=2");
}

TEST_F(Quickstart, AnswersAreThoseOfACluster) { kit::ExpectQuickstartAnswers(*client_); }

TEST_F(Quickstart, AnswersOverHttp2AreThoseOverHttp1) {
  kit::HttpClient client(gateway_.port(), kit::HttpVersion::k2);
  EXPECT_EQ(client.Get("/status", {kHost}).version, "HTTP/2");
  kit::ExpectQuickstartAnswers(client);
}

TEST_F(Quickstart, CallersShareAnAnswerThatIsStored) {
  const kit::HttpAnswer first = Get("/v1/quotes/CACHED", {kAlice});
  const kit::HttpAnswer second = Get("/v1/quotes/CACHED", {kBob});
  EXPECT_EQ(second.body, first.body);
  EXPECT_THAT(second.Header("cache-status"), testing::StartsWith("tollgate; hit"));
}

TEST_F(Quickstart, HeadIsAnsweredFromAStoredGet) {
  const size_t length = Get("/v1/quotes/HEAD", {kBob}).body.size();
  kit::HttpRequest request;
  request.method = "HEAD";
  request.target = "/v1/quotes/HEAD";
  request.headers = {kHost, kBob};
  const kit::HttpAnswer answer = client_->Send(request);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-length"), std::to_string(length));
  EXPECT_THAT(answer.Header("cache-status"), testing::StartsWith("tollgate; hit"));
}

TEST_F(Quickstart, AKeySentToAPublicRouteDoesNotReachItsUpstream) {
  const kit::HttpAnswer answer =
      Get("/status?api_key=demo-gold-0123456789abcdef&a=1", {kAlice, "Authorization: Basic YTpi"});
  const nlohmann::json seen = SeenByUpstream(answer);
  EXPECT_EQ(seen["target"], "/status?a=1");
  EXPECT_FALSE(seen["headers"].contains("X-Api-Key"));
  EXPECT_EQ(seen["headers"]["Authorization"], "Basic YTpi");
}

TEST_F(Quickstart, NoKeyStandsInAnyLog) {
  Get("/v1/quotes/ACME?api_key=demo-gold-0123456789abcdef", {});
  Get("/v1/quotes/ACME?api_key=a-key-that-nobody-has-at-all", {});
  Get("/v1/quotes/ACME", {kAlice});
  ASSERT_TRUE(kit::Eventually([&] {
    const std::string log = gateway_.AccessLog();
    return std::count(log.begin(), log.end(), '\n') >= 3;
  }));
  const std::string everything = gateway_.AccessLog() + gateway_.Stderr() + state_.Read("echo.log");
  for (const char* secret : {"demo-gold", "demo-free", "a-key-that-nobody-has"}) {
    EXPECT_THAT(everything, testing::Not(testing::HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace tollgate
