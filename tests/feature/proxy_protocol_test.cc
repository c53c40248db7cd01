// Behind a balancer that sends the PROXY protocol: whom the gateway takes for the caller, in the clear and
// over TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/feature/limited_plan.h"
#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/shell.h"

namespace tollgate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";

class ProxyProtocol : public testing::Test {
 protected:
  ProxyProtocol() {
    gateway_.WriteService("test", "upstream", upstream_.port());
    std::string route = kit::PublicRoute("a.example");
    route.insert(route.find("  access:"), "  tls: {certificateRefs: [{name: a}]}\n");
    gateway_.Write("route.yaml", route).Write("secret.yaml", kit::TlsSecret("test", "a", certificate_));
  }
  void Start() { ASSERT_TRUE(gateway_.Start({"--proxy-protocol"})) << gateway_.Stderr(); }

  std::string Exchange(const std::string& bytes) {
    kit::RawClient client(gateway_.port());
    client.Send(bytes);
    return client.ReadToEnd(std::chrono::seconds(60));
  }
  double Headers(const std::string& outcome) {
    return gateway_.Metric("tollgate_proxy_protocol_headers_total{outcome=\"" + outcome + "\"}");
  }

  const kit::Certificate certificate_ = kit::MakeCertificate({"a.example"});
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(ProxyProtocol, TheCallerIsWhomTheHeaderNames) {
  Start();
  EXPECT_THAT(Exchange(std::string("PROXY TCP4 192.0.2.7 10.0.0.1 12345 80\r\n") + kRequest),
              HasSubstr("HTTP/1.1 200 "));
  ASSERT_EQ(upstream_.Complete().size(), 1U);
  EXPECT_THAT(upstream_.Complete()[0].head, HasSubstr("X-Forwarded-For: 192.0.2.7\r\n"));
  EXPECT_THAT(upstream_.Complete()[0].head, HasSubstr("Forwarded: for=192.0.2.7;"));
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.AccessLog().find(R"("peer":"192.0.2.7")") != std::string::npos; }));
  EXPECT_EQ(Headers("done"), 1);
}

// As curl sends it, in front of what it does else.
TEST_F(ProxyProtocol, ItStandsBeforeTheHandshakeOfTls) {
  Start();
  const std::string port = std::to_string(gateway_.https_port());
  for (const std::string version : {"--http1.1", "--http2"}) {
    const kit::Said said =
        kit::Shell("curl --silent --show-error --insecure --haproxy-protocol " + version +
                   " --resolve a.example:" + port + ":127.0.0.1 https://a.example:" + port + "/");
    EXPECT_EQ(said.out, "ok") << version;
  }
  EXPECT_EQ(Headers("done"), 2);
}

TEST_F(ProxyProtocol, AConnectionWithoutAHeaderIsClosedAndCounted) {
  Start();
  EXPECT_EQ(Exchange(kRequest), "");
  const kit::Said handshake = kit::Shell("openssl s_client -servername a.example -connect 127.0.0.1:" +
                                         std::to_string(gateway_.https_port()));
  EXPECT_THAT(handshake.out, Not(HasSubstr("BEGIN CERTIFICATE")));
  EXPECT_TRUE(kit::Eventually([&] { return Headers("malformed") == 2; }));
  EXPECT_EQ(upstream_.begun(), 0U);
}

TEST_F(ProxyProtocol, AConnectionThatSaysNothingIsClosedAndCounted) {
  Start();
  EXPECT_EQ(Exchange(""), "");
  EXPECT_TRUE(kit::Eventually([&] { return Headers("timeout") == 1; }));
}

// Each address its own, whatever connections they share.
TEST_F(ProxyProtocol, LimitsByAddressCountTheCallers) {
  gateway_.manifests.Remove("route.yaml");
  gateway_.Write("plan.yaml",
                 LimitedPlan("  rateLimits: [{name: each, requests: 1, per: 1h, scope: Address}]\n"));
  Start();
  const std::string request = std::string("GET / HTTP/1.1\r\nHost: a.example\r\nX-Api-Key: ") + kLimitedKey +
                              "\r\nConnection: close\r\n\r\n";
  const std::string first = "PROXY TCP4 192.0.2.7 10.0.0.1 12345 80\r\n" + request;
  const std::string second = "PROXY TCP4 192.0.2.8 10.0.0.1 12345 80\r\n" + request;
  EXPECT_THAT(Exchange(first), HasSubstr("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange(second), HasSubstr("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange(first), HasSubstr("HTTP/1.1 429 "));
}

TEST_F(ProxyProtocol, WithoutTheFlagAHeaderIsNoRequest) {
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  EXPECT_THAT(Exchange(std::string("PROXY TCP4 192.0.2.7 10.0.0.1 12345 80\r\n") + kRequest),
              HasSubstr("HTTP/1.1 400 "));
  EXPECT_EQ(upstream_.begun(), 0U);
}

}  // namespace
}  // namespace tollgate
