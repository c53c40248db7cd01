// Which rule serves a request, on the whole gateway: from manifests to the upstream that is asked.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::HasSubstr;

std::string Answering(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Two upstreams that say their own names.
class Matching : public testing::Test {
 protected:
  void Start(const std::string& rules) {
    gateway_.WriteService("test", "old", old_.port())
        .WriteService("test", "new", new_.port())
        .Write("route.yaml", R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: route, namespace: test}
spec:
  hosts: [a.example]
  access: Public
  rules:
)" + rules);
    EXPECT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  kit::HttpAnswer Send(const std::string& method, const std::string& target,
                       std::vector<std::string> headers = {}) {
    headers.push_back("Host: a.example");
    kit::HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    return client_->Send(request);
  }
  kit::HttpAnswer Get(const std::string& target, std::vector<std::string> headers = {}) {
    return Send("GET", target, std::move(headers));
  }

  kit::RecordingUpstream old_{Answering("old")};
  kit::RecordingUpstream new_{Answering("new")};
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(Matching, HeadersQueryAndCookiesChooseAmongRulesOfOnePath) {
  Start(R"(
  - name: by-header
    matches: [{path: {type: Prefix, value: /v1}, headers: [{name: X-Api-Version, value: "2"}]}]
    upstream: {targets: [{serviceRef: {name: new, port: http}}]}
  - name: by-query
    matches: [{path: {type: Prefix, value: /v1}, query: [{name: beta, type: Present}]}]
    upstream: {targets: [{serviceRef: {name: new, port: http}}]}
  - name: by-cookie
    matches: [{path: {type: Prefix, value: /v1}, cookies: [{name: canary, type: Regex, value: "o[nk]"}]}]
    upstream: {targets: [{serviceRef: {name: new, port: http}}]}
  - name: rest
    matches: [{path: {type: Prefix, value: /v1}}]
    upstream: {targets: [{serviceRef: {name: old, port: http}}]}
)");
  EXPECT_EQ(Get("/v1/a").body, "old");
  EXPECT_EQ(Get("/v1/a", {"x-api-version: 2"}).body, "new");
  EXPECT_EQ(Get("/v1/a", {"x-api-version: 22"}).body, "old");
  EXPECT_EQ(Get("/v1/a?x&beta=1").body, "new");
  EXPECT_EQ(Get("/v1/a", {"Cookie: a=b; canary=on"}).body, "new");
  EXPECT_EQ(Get("/v1/a", {"Cookie: a=b; canary=one"}).body, "old");
  ASSERT_TRUE(kit::Eventually([&] { return gateway_.AccessLog().find("by-cookie") != std::string::npos; }));
}

TEST_F(Matching, MethodsOfMatchesWhoseConditionsFitStandInAllow) {
  Start(R"(
  - name: read
    matches: [{methods: [GET], path: {type: Exact, value: /a}, headers: [{name: X-A, type: Present}]}]
    upstream: {targets: [{serviceRef: {name: old, port: http}}]}
  - name: write
    matches: [{methods: [PUT], path: {type: Exact, value: /a}}]
    upstream: {targets: [{serviceRef: {name: new, port: http}}]}
)");
  EXPECT_EQ(Send("DELETE", "/a", {"X-A: 1"}).Header("allow"), "GET, PUT");
  const kit::HttpAnswer answer = Get("/a");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("allow"), "PUT");
}

TEST_F(Matching, ATargetIsAskedForTheHostThatItsRewriteNames) {
  Start(R"(
  - name: original
    matches: [{path: {type: Exact, value: /original}}]
    upstream: {targets: [{serviceRef: {name: old, port: http}, rewrite: {host: Original}}]}
  - name: upstream
    matches: [{path: {type: Exact, value: /upstream}}]
    upstream: {targets: [{serviceRef: {name: old, port: http}, rewrite: {host: Upstream}}]}
  - name: name
    matches: [{path: {type: Exact, value: /name}}]
    upstream: {targets: [{serviceRef: {name: old, port: http}, rewrite: {host: inner.example, path: /b}}]}
)");
  const auto host_of = [this](const std::string& target) {
    EXPECT_EQ(Get(target).body, "old");
    const std::string head = old_.Complete().back().head;
    EXPECT_THAT(head, HasSubstr("X-Forwarded-Host: a.example\r\n"));
    const size_t at = head.find("\r\nHost: ") + 8;
    return head.substr(at, head.find("\r\n", at) - at);
  };
  EXPECT_EQ(host_of("/original"), "a.example");
  EXPECT_EQ(host_of("/upstream"), "old.test.svc");
  EXPECT_EQ(host_of("/name"), "inner.example");
  EXPECT_THAT(old_.Complete().back().head, testing::StartsWith("GET /b "));
}

TEST_F(Matching, ARegexServesTheWholeCanonicalPathWhereNoOtherPathDoes) {
  Start(R"(
  - name: regex
    matches: [{path: {type: Regex, value: "/v[0-9]+/[^/]+"}}]
    upstream: {targets: [{serviceRef: {name: new, port: http}, rewrite: {path: /b}}]}
  - name: prefix
    matches: [{path: {type: Prefix, value: /v1}}]
    upstream: {targets: [{serviceRef: {name: old, port: http}}]}
)");
  EXPECT_EQ(Get("/v2/a%2fb").body, "new");
  EXPECT_THAT(new_.Complete().back().head, testing::StartsWith("GET /b HTTP/1.1"));
  EXPECT_EQ(Get("/v1/a").body, "old");
  EXPECT_EQ(Get("/x/../v%32/a").body, "new");
  EXPECT_EQ(Get("/v2/a/b").status, 404);
  EXPECT_EQ(Get("/av2/a").status, 404);
}

TEST_F(Matching, ARegexThatIsTooLargeAnswersForItsHostAndItsSiblingsServe) {
  Start(R"(
  - name: large
    matches:
    - path: {type: Exact, value: /large}
      query: [{name: q, type: Regex, value: '(\pL{1,100}){1,10}'}]
    upstream: {targets: [{serviceRef: {name: new, port: http}}]}
  - name: fine
    matches: [{path: {type: Exact, value: /fine}}]
    upstream: {targets: [{serviceRef: {name: old, port: http}}]}
)");
  EXPECT_EQ(Get("/fine").body, "old");
  EXPECT_EQ(Get("/large?q=a").status, 500);
  EXPECT_THAT(gateway_.Stderr(),
              HasSubstr("spec.rules[0].matches[0].query[0].value: takes more than 128 KiB as a program"));
}

}  // namespace
}  // namespace tollgate
