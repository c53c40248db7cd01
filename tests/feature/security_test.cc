// What a route asks of every request before its caller is known, as the world sees it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kSecret[] = R"(apiVersion: v1
kind: Secret
metadata: {name: edge, namespace: test}
stringData: {token: let-me-in-0123456789}
)";
constexpr char kToken[] = "X-Edge-Token: let-me-in-0123456789";
constexpr char kEdge[] = "edgeToken: {header: X-Edge-Token, secretRef: {name: edge, key: token}}";

class Guards : public testing::Test {
 protected:
  Guards() { gateway_.WriteService("test", "upstream", upstream_.port()); }

  void WriteRoute(const std::string& security, const std::string& more = "") {
    std::string route = kit::PublicRoute("a.example");
    route.insert(route.find("  access:"), "  security: {" + security + "}\n" + more);
    gateway_.Write("route.yaml", route);
  }
  void Start(const std::vector<std::string>& flags = {}) {
    ASSERT_TRUE(gateway_.Start(flags)) << gateway_.Stderr();
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

TEST_F(Guards, CallersOfOtherNetworksAreRefused) {
  WriteRoute("allowCIDRs: [192.0.2.0/24], denyCIDRs: [192.0.2.9]");
  Start({"--trusted-hops=1"});
  EXPECT_EQ(Get("/", {"X-Forwarded-For: 192.0.2.7"}).status, 200);
  const kit::HttpAnswer refused = Get("/", {"X-Forwarded-For: 192.0.2.7, 192.0.2.9"});
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("/problems/address-refused"));
  EXPECT_EQ(Get("/").status, 403);
  EXPECT_EQ(upstream_.Complete().size(), 1U);
  EXPECT_THAT(upstream_.Complete()[0].head, AllOf(HasSubstr("X-Forwarded-For: 192.0.2.7, 127.0.0.1\r\n"),
                                                  HasSubstr("Forwarded: for=192.0.2.7;")));
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.AccessLog().find(R"("client":"192.0.2.9")") != std::string::npos; }));
}

TEST_F(Guards, NobodyInFrontIsBelievedUnlessItIsSaid) {
  WriteRoute("allowCIDRs: [192.0.2.0/24]");
  Start();
  EXPECT_EQ(Get("/", {"X-Forwarded-For: 192.0.2.7"}).status, 403);
  WriteRoute("allowCIDRs: [127.0.0.0/8]");
  EXPECT_TRUE(kit::Eventually([&] { return Get("/").status == 200; }));
}

TEST_F(Guards, WhatIsHiddenSeemsNotToBeThere) {
  WriteRoute("denyPatterns: ['/private(/.*)?'], headers: {noSniff: true}");
  Start();
  EXPECT_EQ(Get("/public").status, 200);
  kit::HttpAnswer hidden = Get("/%70rivate/x");
  kit::HttpAnswer nothing = client_->Get("/%70rivate/x", {"Host: nobody.example"});
  EXPECT_EQ(hidden.status, 404);
  for (kit::HttpAnswer* answer : {&hidden, &nothing}) {
    answer->body.erase(answer->body.find("requestId"));
    answer->headers.erase("x-request-id");
    answer->headers.erase("date");
  }
  EXPECT_EQ(hidden.body, nothing.body);
  EXPECT_EQ(hidden.headers, nothing.headers);
}

TEST_F(Guards, OnlyWhatCameThroughTheEdgeIsServed) {
  WriteRoute(kEdge);
  Start();
  EXPECT_EQ(Get("/", {kToken}).status, 403);  // the Secret is missing
  gateway_.Write("secret.yaml", kSecret);
  EXPECT_TRUE(kit::Eventually([&] { return Get("/", {kToken}).status == 200; }));
  EXPECT_EQ(Get("/", {"X-Edge-Token: let-me-in"}).status, 403);
  EXPECT_EQ(Get("/").status, 403);
  EXPECT_THAT(upstream_.Complete().back().head, Not(HasSubstr("dge-")));
  EXPECT_THAT(gateway_.AccessLog(), Not(HasSubstr("let-me-in")));
  gateway_.manifests.Remove("secret.yaml");
  EXPECT_TRUE(kit::Eventually([&] { return Get("/", {kToken}).status == 403; }));
  EXPECT_THAT(gateway_.Stderr(),
              HasSubstr("Secret test/edge of type Opaque does not exist, so everyone is refused"));
}

TEST_F(Guards, SecurityHeadersGoWithEveryAnswer) {
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nx-frame-options: ALLOWALL\r\nContent-Length: 0\r\n\r\n");
  const kit::Certificate certificate = kit::MakeCertificate({"a.example"});
  gateway_.Write("tls.yaml", kit::TlsSecret("test", "a", certificate));
  WriteRoute("headers: {hsts: 1h, noSniff: true, frameOptions: Deny}, denyCIDRs: [192.0.2.9]",
             "  tls: {certificateRefs: [{name: a}]}\n");
  Start({"--trusted-hops=1"});
  const kit::HttpAnswer plain = Get("/");
  EXPECT_EQ(plain.headers.count("x-frame-options"), 1U);
  EXPECT_EQ(plain.Header("x-frame-options"), "DENY");
  EXPECT_EQ(plain.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(plain.Header("strict-transport-security"), "");
  kit::HttpClient secure({"a.example", gateway_.https_port(), certificate.chain});
  for (const char* caller : {"192.0.2.7", "192.0.2.9"}) {
    const kit::HttpAnswer answer = secure.Get("/", {std::string("X-Forwarded-For: ") + caller});
    EXPECT_EQ(answer.Header("x-frame-options"), "DENY") << answer.error;
    EXPECT_EQ(answer.Header("strict-transport-security"), "max-age=3600");
  }
}

}  // namespace
}  // namespace tollgate
