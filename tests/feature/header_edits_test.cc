// What rules do to the heads of requests and answers, as caller and upstream see it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kRoute[] = R"(apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: route, namespace: test}
spec:
  hosts: [a.example]
  access: Public
  rules:
  - name: quote
    matches: [{path: {type: Template, value: "/v1/{symbol}"}}]
    request: {headers: {remove: [X-Debug], set: [{name: X-Symbol, value: "{symbol} for {clientAddress}"}]}}
    response: {headers: {remove: [Server], set: [{name: X-Route, value: "{route}/{rule}"}]}}
    cache: {ttl: 1h}
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
  - name: quiet
    matches: [{path: {type: Exact, value: /quiet}}]
    response: {upstreamHeaders: false}
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
  - name: own
    type: Respond
    matches: [{path: {type: Exact, value: /own}}]
    respond: {headers: [{name: X-Own, value: "1"}], body: hello}
    response: {headers: {remove: [X-Own], set: [{name: X-Id, value: "{requestId}"}]}}
)";

class HeaderEdits : public testing::Test {
 protected:
  void SetUp() override {
    upstream_.SetAnswer(
        "HTTP/1.1 200 OK\r\nServer: theirs\r\nX-Powered-By: them\r\nX-Route: theirs\r\n"
        "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
    gateway_.WriteService("test", "upstream", upstream_.port());
    gateway_.Write("route.yaml", kRoute);
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  kit::HttpAnswer Get(const std::string& target, std::vector<std::string> headers = {}) {
    headers.emplace_back("Host: a.example");
    return client_->Get(target, headers);
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(HeaderEdits, TheUpstreamSeesWhatTheRuleMakesOfARequest) {
  EXPECT_EQ(Get("/v1/ACME", {"X-Debug: 1", "X-Symbol: OTHER", "X-Kept: 1"}).status, 200);
  ASSERT_EQ(upstream_.Complete().size(), 1U);
  EXPECT_THAT(upstream_.Complete()[0].head,
              AllOf(HasSubstr("\r\nX-Symbol: ACME for 127.0.0.1\r\n"), HasSubstr("\r\nX-Kept: 1\r\n"),
                    Not(HasSubstr("X-Debug")), Not(HasSubstr("OTHER"))));
}

TEST_F(HeaderEdits, TheCallerSeesWhatTheRuleMakesOfAnAnswerStoredOnesToo) {
  for (int i = 0; i < 2; ++i) {
    const kit::HttpAnswer answer = Get("/v1/ACME");
    EXPECT_EQ(answer.Header("server"), "");
    EXPECT_EQ(answer.headers.count("x-route"), 1U);
    EXPECT_EQ(answer.Header("x-route"), "test/route/quote");
    EXPECT_EQ(answer.Header("x-powered-by"), "them");
    EXPECT_EQ(answer.body, "ok");
  }
  EXPECT_EQ(upstream_.Complete().size(), 1U);
}

TEST_F(HeaderEdits, AHiddenHeadKeepsWhatTheBodyNeeds) {
  const kit::HttpAnswer answer = Get("/quiet");
  EXPECT_EQ(answer.Header("content-type"), "text/plain");
  EXPECT_EQ(answer.Header("content-length"), "2");
  EXPECT_NE(answer.Header("date"), "");
  EXPECT_NE(answer.Header("x-request-id"), "");
  EXPECT_EQ(answer.headers.count("x-powered-by") + answer.headers.count("server"), 0U);
}

TEST_F(HeaderEdits, OwnAnswersAreChangedAlike) {
  const kit::HttpAnswer answer = Get("/own");
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.Header("x-own"), "");
  EXPECT_EQ(answer.Header("x-id"), answer.Header("x-request-id"));
}

}  // namespace
}  // namespace tollgate
