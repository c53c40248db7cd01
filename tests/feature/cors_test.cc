// What browsers are told of a route that pages of other origins may call.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

constexpr char kRoute[] = R"(apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: route, namespace: test}
spec:
  hosts: [a.example]
  plans: [{name: nobody}]
  cors: {allowOrigins: ["https://*.pages.example"], allowMethods: [GET, PUT], maxAge: 10m}
  rules:
  - name: change
    matches: [{methods: [PUT], path: {type: Exact, value: /v1}, headers: [{name: X-Version, value: "2"}]}]
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
---
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: nobody, namespace: test}
spec:
  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}
---
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: open, namespace: test}
spec:
  hosts: [b.example]
  access: Public
  cors: {allowOrigins: ["*"], exposeHeaders: [X-Total]}
  rules:
  - name: all
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
---
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: silent, namespace: test}
spec:
  hosts: [c.example]
  access: Public
  rules:
  - name: all
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
)";

class Cors : public testing::Test {
 protected:
  void SetUp() override {
    upstream_.SetAnswer(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://theirs.example\r\nContent-Length: "
        "0\r\n\r\n");
    gateway_.WriteService("test", "upstream", upstream_.port());
    gateway_.Write("route.yaml", kRoute);
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  kit::HttpAnswer Send(const std::string& method, const std::string& host, const std::string& target,
                       std::vector<std::string> headers) {
    headers.push_back("Host: " + host);
    kit::HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    return client_->Send(request);
  }
  kit::HttpAnswer Preflight(const std::string& host, const std::string& origin,
                            const std::string& target = "/v1") {
    return Send("OPTIONS", host, target,
                {"Origin: " + origin, "Access-Control-Request-Method: PUT",
                 "Access-Control-Request-Headers: x-api-key,x-version"});
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(Cors, APreflightIsAnsweredBeforeAnybodyIsIdentified) {
  const kit::HttpAnswer answer = Preflight("a.example", "https://x.pages.example");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "https://x.pages.example");
  EXPECT_EQ(answer.Header("access-control-allow-methods"), "GET, PUT");
  EXPECT_EQ(answer.Header("access-control-allow-headers"), "x-api-key,x-version");
  EXPECT_EQ(answer.Header("access-control-max-age"), "600");
  EXPECT_EQ(answer.headers.count("content-length"), 0U);
  EXPECT_TRUE(upstream_.Complete().empty());
}

TEST_F(Cors, APreflightOfAnotherOriginIsToldNothing) {
  const kit::HttpAnswer answer = Preflight("a.example", "https://pages.example");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.Header("vary"), "Origin");
  EXPECT_EQ(answer.headers.count("access-control-allow-origin"), 0U);
  EXPECT_EQ(answer.headers.count("access-control-allow-methods"), 0U);
}

TEST_F(Cors, PagesCanReadTheGatewaysRefusals) {
  const kit::HttpAnswer answer =
      Send("PUT", "a.example", "/v1", {"Origin: https://x.pages.example", "X-Version: 2"});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "https://x.pages.example");
  EXPECT_EQ(answer.Header("vary"), "Origin");
}

TEST_F(Cors, TheUpstreamsWordOnOriginsDoesNotCount) {
  const kit::HttpAnswer answer = Send("GET", "b.example", "/", {"Origin: https://x.example"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.count("access-control-allow-origin"), 1U);
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.Header("access-control-expose-headers"), "X-Total");
  EXPECT_EQ(answer.headers.count("vary"), 0U);
}

TEST_F(Cors, WithoutItTheUpstreamIsAsked) {
  const kit::HttpAnswer answer = Preflight("c.example", "https://x.example");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("access-control-allow-origin"), "https://theirs.example");
  EXPECT_EQ(upstream_.Complete().size(), 1U);
  EXPECT_EQ(Send("OPTIONS", "b.example", "/", {}).status, 200);
  EXPECT_EQ(upstream_.Complete().size(), 2U);
}

}  // namespace
}  // namespace tollgate
