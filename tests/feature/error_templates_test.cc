// Refusals in the form that a route's clients expect.

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
  plans: [{name: gold}]
  errors:
    format: Template
    templates:
    - {problem: no-credential, contentType: application/json, body: '{"ok": false, "code": {status}, "id": "{requestId}"}'}
    - {contentType: text/html, body: "<p>{title}</p>"}
  security: {denyPatterns: [/hidden], denyCIDRs: [192.0.2.9]}
  rules:
  - name: all
    upstream: {targets: [{serviceRef: {name: upstream, port: http}}]}
---
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: gold, namespace: test}
spec:
  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}
)";

TEST(ErrorTemplates, RefusalsAreToldAsTheRouteWantsThem) {
  kit::RecordingUpstream upstream;
  kit::Gateway gateway;
  gateway.WriteService("test", "upstream", upstream.port());
  gateway.Write("route.yaml", kRoute);
  ASSERT_TRUE(gateway.Start({"--trusted-hops=1"})) << gateway.Stderr();
  kit::HttpClient client(gateway.port());

  const kit::HttpAnswer own = client.Get("/", {"Host: a.example"});
  EXPECT_EQ(own.status, 401);
  EXPECT_EQ(own.Header("content-type"), "application/json");
  EXPECT_EQ(own.body, "{\"ok\": false, \"code\": 401, \"id\": \"" + own.Header("x-request-id") + "\"}");
  EXPECT_EQ(own.Header("cache-control"), "no-store");
  EXPECT_NE(own.Header("www-authenticate"), "");

  const kit::HttpAnswer other = client.Get("/", {"Host: a.example", "X-Forwarded-For: 192.0.2.9"});
  EXPECT_EQ(other.status, 403);
  EXPECT_EQ(other.Header("content-type"), "text/html");
  EXPECT_EQ(other.body, "<p>Requests from there are not admitted here</p>");

  // What is hidden has no form of its own.
  EXPECT_EQ(client.Get("/hidden", {"Host: a.example"}).Header("content-type"), "application/problem+json");
}

}  // namespace
}  // namespace tollgate
