// Rules that the gateway answers by itself: who may ask, what it costs, and what is said.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/base/digest.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"

namespace tollgate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] = "the-key-of-alice-0123456789";

// Callers prove themselves in the query; three requests an hour, and the plan would send keys on.
std::string Plan() {
  return R"(apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: gold, namespace: test}
spec:
  credentials: {apiKeys: {from: [{type: Query, name: key}], forward: true}}
  rateLimits: [{name: few, requests: 3, per: 1h}]
---
apiVersion: v1
kind: Secret
metadata: {name: callers, namespace: test, labels: {tollgate.dev/plan: gold}}
type: tollgate.dev/api-keys
stringData: {alice: "sha256:)" +
         ToHex(AsBytes(Sha256(kKey))) + R"("}
---
)";
}

std::string Route(const std::string& access) {
  return R"(apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: route, namespace: test}
spec:
  hosts: [a.example]
  )" + access +
         R"(
  rules:
  - name: moved
    type: Redirect
    matches: [{path: {type: Prefix, value: /old}}]
    redirect: {scheme: HTTPS, host: b.example, path: /new, status: 308}
  - name: robots
    type: Respond
    matches: [{methods: [GET, HEAD, POST], path: {type: Exact, value: /robots.txt}}]
    respond: {headers: [{name: X-Own, value: "1"}], body: "User-agent: *"}
  - name: gone
    type: Respond
    matches: [{path: {type: Exact, value: /gone}}]
    respond: {status: 204}
)";
}

class OwnAnswer : public testing::Test {
 protected:
  void Start(const std::string& access) {
    gateway_.Write("all.yaml", Plan() + Route(access));
    EXPECT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  kit::HttpAnswer Send(const std::string& method, const std::string& target) {
    kit::HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = {"Host: a.example"};
    return client_->Send(request);
  }

  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(OwnAnswer, ARedirectKeepsPathAndQuery) {
  Start("access: Public");
  const kit::HttpAnswer answer = Send("GET", "/old/a%2Fb?x=1&y");
  EXPECT_EQ(answer.status, 308);
  EXPECT_EQ(answer.Header("location"), "https://b.example/new/a%2Fb?x=1&y");
  EXPECT_EQ(answer.body, "");
  EXPECT_NE(answer.Header("x-request-id"), "");
  EXPECT_NE(answer.Header("date"), "");
}

TEST_F(OwnAnswer, AResponseIsSentAsItStands) {
  Start("access: Public");
  for (const char* method : {"GET", "POST"}) {
    const kit::HttpAnswer answer = Send(method, "/robots.txt");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "User-agent: *");
    EXPECT_EQ(answer.Header("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(answer.Header("x-own"), "1");
  }
  const kit::HttpAnswer head = Send("HEAD", "/robots.txt");
  EXPECT_EQ(head.Header("content-length"), "13");
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(Send("PUT", "/robots.txt").Header("allow"), "GET, HEAD, POST");
}

// The connection stays in step: nothing follows the head of the first.
TEST_F(OwnAnswer, AnAnswerWithoutABodyHasNone) {
  Start("access: Public");
  kit::RawClient raw(gateway_.port());
  raw.Send("GET /gone HTTP/1.1\r\nHost: a.example\r\n\r\n");
  const std::string head = raw.ReadUntil("\r\n\r\n");
  EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  raw.Send("GET /old HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(raw.ReadToEnd(), testing::StartsWith("HTTP/1.1 308 "));
}

TEST_F(OwnAnswer, CallersAreIdentifiedAndLimitedFirst) {
  Start("plans: [{name: gold}]");
  EXPECT_EQ(Send("GET", "/old").status, 401);
  EXPECT_EQ(Send("GET", "/robots.txt").status, 401);
  const std::string key = std::string("?key=") + kKey;
  EXPECT_EQ(Send("GET", "/old" + key).status, 308);
  EXPECT_EQ(Send("GET", "/robots.txt" + key).status, 200);
  const kit::HttpAnswer last = Send("GET", "/robots.txt" + key);
  EXPECT_THAT(last.Header("ratelimit"), HasSubstr("\"few\";r=0"));
  EXPECT_EQ(Send("GET", "/old" + key).status, 429);
  ASSERT_TRUE(
      kit::Eventually([&] { return gateway_.AccessLog().find("rate-limited") != std::string::npos; }));
  EXPECT_THAT(gateway_.AccessLog(),
              HasSubstr("\"status\":308,\"source\":\"gateway\",\"route\":\"test/route\","
                        "\"rule\":\"moved\",\"plan\":\"test/gold\""));
}

TEST_F(OwnAnswer, ACredentialNeverStandsInALocation) {
  Start("plans: [{name: gold}]");
  EXPECT_EQ(Send("GET", std::string("/old/a?x=1&key=") + kKey + "&y=2").Header("location"),
            "https://b.example/new/a?x=1&y=2");
  EXPECT_EQ(Send("GET", std::string("/old/a?k%65y=") + kKey).Header("location"), "https://b.example/new/a");
}

// The plan is not the route's: its keys are known by their value.
TEST_F(OwnAnswer, ACredentialStandsInNoLocationOfAPublicRouteEither) {
  Start("access: Public");
  EXPECT_EQ(Send("GET", std::string("/old/a?x=1&key=") + kKey).Header("location"),
            "https://b.example/new/a?x=1");
}

}  // namespace
}  // namespace tollgate
