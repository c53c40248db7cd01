// HTTPS, as the clients see it that others wrote: libcurl, openssl s_client, Python's ssl.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/load.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/shell.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string TlsRoute(const std::string& name, const std::string& host, const std::string& tls) {
  std::string route = kit::PublicRoute(host);
  route.replace(route.find("name: upstream, namespace"), 14, "name: " + name);
  route.insert(route.find("  access:"), "  tls: {" + tls + "}\n");
  return route;
}

class Tls : public testing::Test {
 protected:
  Tls() {
    gateway_.WriteService("test", "upstream", upstream_.port());
    WriteCertificate("a", a_);
    WriteRoute("a", "a.example", "certificateRefs: [{name: a}]");
  }
  void WriteCertificate(const std::string& name, const kit::Certificate& certificate) {
    gateway_.Write("secret-" + name + ".yaml", kit::TlsSecret("test", name, certificate));
  }
  void WriteRoute(const std::string& name, const std::string& host, const std::string& tls) {
    gateway_.Write("route-" + name + ".yaml", TlsRoute(name, host, tls));
  }
  void Start() { ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr(); }

  kit::TlsTarget At(const std::string& host, const kit::Certificate& trusted) {
    return {host, gateway_.https_port(), trusted.chain};
  }
  kit::HttpAnswer Get(const std::string& host, const kit::Certificate& trusted,
                      const std::vector<std::string>& headers = {}) {
    return kit::HttpClient(At(host, trusted)).Get("/", headers);
  }
  // What openssl s_client says of a handshake.
  std::string Handshake(const std::string& flags) {
    return kit::Shell("openssl s_client -connect 127.0.0.1:" + std::to_string(gateway_.https_port()) + " " +
                      flags)
        .out;
  }

  const kit::Certificate a_ = kit::MakeCertificate({"a.example"});
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(Tls, ACallerWhoTrustsTheCertificateIsServed) {
  Start();
  const kit::HttpAnswer answer = Get("a.example", a_);
  EXPECT_EQ(answer.status, 200) << answer.error;
  ASSERT_EQ(upstream_.Complete().size(), 1U);
  EXPECT_THAT(upstream_.Complete()[0].head,
              AllOf(HasSubstr("X-Forwarded-Proto: https\r\n"), HasSubstr("proto=https")));
}

TEST_F(Tls, HTTP2IsSpokenWithThoseWhoOfferIt) {
  Start();
  kit::TlsTarget target = At("a.example", a_);
  target.version = kit::HttpVersion::k2;
  kit::HttpClient client(target);
  for (int i = 0; i < 3; ++i) {
    const kit::HttpAnswer answer = client.Get("/");
    EXPECT_EQ(answer.status, 200) << answer.error;
    EXPECT_EQ(answer.version, "HTTP/2");
  }
  ASSERT_EQ(upstream_.Complete().size(), 3U);
  EXPECT_THAT(upstream_.Complete()[2].head,
              AllOf(HasSubstr("\r\nHost: a.example:"), HasSubstr("X-Forwarded-Proto: https\r\n")));
}

// A request for a host with other terms, on the connection of the first (RFC 9110, section 15.5.20).
TEST_F(Tls, AnotherHostOverHTTP2IsMisdirected) {
  WriteCertificate("b", kit::MakeCertificate({"b.example"}));
  WriteRoute("b", "b.example", "certificateRefs: [{name: b}]");
  Start();
  kit::TlsTarget target = At("a.example", a_);
  target.version = kit::HttpVersion::k2;
  EXPECT_EQ(kit::HttpClient(target).Get("/", {"Host: b.example"}).status, 421);
}

TEST_F(Tls, TheLogSaysWhichVersionsACallerSpoke) {
  Start();
  EXPECT_EQ(Get("a.example", a_).status, 200);
  EXPECT_TRUE(kit::Eventually([&] {
    const std::string log = gateway_.AccessLog();
    return log.find("\"tls\":\"TLSv1.3\"") != std::string::npos &&
           log.find("\"protocol\":\"HTTP/") != std::string::npos;
  })) << gateway_.AccessLog();
}

TEST_F(Tls, PlainHttpIsServedBesideItWhereNothingElseIsSaid) {
  Start();
  EXPECT_EQ(kit::HttpClient(gateway_.port()).Get("/", {"Host: a.example"}).status, 200);
}

TEST_F(Tls, EachHostShowsItsOwnCertificate) {
  const kit::Certificate b = kit::MakeCertificate({"*.b.example"});
  WriteCertificate("b", b);
  WriteRoute("b", "*.b.example", "certificateRefs: [{name: b}]");
  Start();
  EXPECT_EQ(Get("a.example", a_).status, 200);
  EXPECT_EQ(Get("x.b.example", b).status, 200);
  EXPECT_THAT(Get("x.b.example", a_).error, HasSubstr("certificate"));
}

TEST_F(Tls, AnUnknownNameIsRefusedInTheHandshake) {
  Start();
  EXPECT_THAT(Handshake("-servername nobody.example"), HasSubstr("unrecognized name"));
  EXPECT_THAT(Handshake("-noservername"), HasSubstr("unrecognized name"));
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_tls_handshakes_total{outcome=\"name_refused\"}"), 2);
}

TEST_F(Tls, AHostWithoutItsCertificateIsRefusedAndOthersAreServed) {
  WriteRoute("b", "b.example", "certificateRefs: [{name: missing}]");
  Start();
  EXPECT_THAT(Handshake("-servername b.example"), HasSubstr("unrecognized name"));
  EXPECT_EQ(Get("a.example", a_).status, 200);
  EXPECT_THAT(gateway_.Stderr(), HasSubstr("Secret test/missing of type kubernetes.io/tls does not exist"));
}

TEST_F(Tls, AnExpiredCertificateIsNotShown) {
  WriteCertificate("a", kit::MakeCertificate({"a.example"}, kit::KeyKind::kEcdsa, -std::chrono::hours(1)));
  Start();
  EXPECT_THAT(Handshake("-servername a.example"), HasSubstr("unrecognized name"));
  EXPECT_THAT(gateway_.Stderr(), HasSubstr("its certificate expired at "));
}

TEST_F(Tls, BothVersionsAndTheProtocolAreNegotiated) {
  Start();
  EXPECT_THAT(Handshake("-servername a.example -tls1_2 -alpn h2,http/1.1"),
              AllOf(HasSubstr("TLSv1.2"), HasSubstr("ALPN protocol: h2")));
  EXPECT_THAT(Handshake("-servername a.example -alpn http/1.1"), HasSubstr("ALPN protocol: http/1.1"));
  EXPECT_THAT(Handshake("-servername a.example -tls1_3 -brief"), HasSubstr("TLSv1.3"));
  EXPECT_THAT(Handshake("-servername a.example -tls1_1 -cipher ALL:@SECLEVEL=0"),
              AllOf(HasSubstr("protocol version"), Not(HasSubstr("Cipher is ECDHE"))));
}

TEST_F(Tls, ARouteMayAskForTheNewestVersion) {
  const kit::Certificate b = kit::MakeCertificate({"b.example"});
  WriteCertificate("b", b);
  WriteRoute("b", "b.example", "certificateRefs: [{name: b}], minVersion: \"1.3\"");
  Start();
  EXPECT_THAT(Handshake("-servername b.example -tls1_2"), HasSubstr("protocol version"));
  EXPECT_THAT(Handshake("-servername b.example -tls1_3 -brief"), HasSubstr("TLSv1.3"));
}

TEST_F(Tls, CallersChooseAmongKindsOfKeys) {
  WriteCertificate("rsa", kit::MakeCertificate({"a.example"}, kit::KeyKind::kRsa));
  WriteRoute("a", "a.example", "certificateRefs: [{name: a}, {name: rsa}]");
  Start();
  const std::string tls12 = "-servername a.example -tls1_2 -cipher ";
  EXPECT_THAT(Handshake(tls12 + "ECDHE-RSA-AES128-GCM-SHA256"), HasSubstr("Peer signature type: RSA"));
  EXPECT_THAT(Handshake(tls12 + "ECDHE-ECDSA-AES128-GCM-SHA256"), HasSubstr("Peer signature type: ECDSA"));
}

// Python's ssl, which is told a session and asked whether it was used.
constexpr char kResume[] = R"(
import socket, ssl, sys
port = int(sys.argv[1])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.maximum_version = ssl.TLSVersion[sys.argv[2]]
session, reused = None, []
for _ in range(3):
    with socket.create_connection(("127.0.0.1", port)) as plain:
        with context.wrap_socket(plain, server_hostname="a.example", session=session) as tls:
            tls.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := tls.recv(4096):
                answer += piece
            assert answer.startswith(b"HTTP/1.1 200"), answer
            session = tls.session
            reused.append(tls.session_reused)
print(reused)
)";

TEST_F(Tls, SessionsAreResumedWhicheverCoreAnswers) {
  ASSERT_TRUE(gateway_.Start({"--threads=4"})) << gateway_.Stderr();
  for (const char* version : {"TLSv1_2", "TLSv1_3"}) {
    const kit::Said said =
        kit::Shell("python3 - " + std::to_string(gateway_.https_port()) + " " + version, kResume);
    EXPECT_EQ(said.out, "[False, True, True]\n") << version;
  }
}

TEST_F(Tls, AHostOfOtherTermsIsMisdirected) {
  WriteCertificate("b", kit::MakeCertificate({"b.example"}));
  WriteRoute("b", "b.example", "certificateRefs: [{name: b}]");
  Start();
  const kit::HttpAnswer answer = Get("a.example", a_, {"Host: b.example"});
  EXPECT_EQ(answer.status, 421);
  EXPECT_THAT(answer.body, HasSubstr("https://tollgate.dev/problems/misdirected"));
  EXPECT_TRUE(upstream_.Complete().empty());
}

TEST_F(Tls, PlainHttpIsLedToHttpsBeforeAnythingElse) {
  WriteRoute("a", "a.example", "certificateRefs: [{name: a}], redirectPlainHTTP: true");
  Start();
  kit::HttpClient plain(gateway_.port());
  const kit::HttpAnswer answer = plain.Get("/b/%7Ec?d=e", {"Host: a.example"});
  EXPECT_EQ(answer.status, 308);
  EXPECT_EQ(answer.Header("location"), "https://a.example/b/~c?d=e");
  const kit::HttpAnswer with_port = plain.Get("/", {"Host: a.example:8080"});
  EXPECT_EQ(with_port.Header("location"), "https://a.example:" + std::to_string(gateway_.https_port()) + "/");
  EXPECT_TRUE(upstream_.Complete().empty());
  EXPECT_EQ(Get("a.example", a_).status, 200);
  EXPECT_TRUE(
      kit::Eventually([&] { return gateway_.AccessLog().find("https-redirect") != std::string::npos; }));
}

TEST_F(Tls, ACertificateIsReplacedWithoutAFailedRequest) {
  Start();
  std::vector<kit::Certificate> certificates = {a_};
  std::string trusted = a_.chain;
  for (int i = 0; i < 20; ++i) {
    certificates.push_back(kit::MakeCertificate({"a.example"}));
    trusted += certificates.back().chain;
  }
  std::vector<kit::LoadTarget> targets(4);
  for (size_t i = 0; i < targets.size(); ++i) {
    targets[i].request.headers = {"Host: a.example"};
    targets[i].request.own_connection = i % 2 == 0;
    targets[i].tls = kit::TlsTarget{"a.example", gateway_.https_port(), trusted};
  }
  kit::Load load(targets, std::chrono::milliseconds(5), 20'000);
  for (size_t i = 1; i < certificates.size(); ++i) {
    WriteCertificate("a", certificates[i]);
    EXPECT_TRUE(kit::Eventually([&] { return Get("a.example", certificates[i]).status == 200; }));
  }
  load.Stop();
  EXPECT_EQ(load.Count(200), load.answers()) << load.Errors();
  EXPECT_GT(load.answers(), 50U);
}

TEST_F(Tls, AConnectionOutlivesItsCertificate) {
  Start();
  kit::HttpClient kept(At("a.example", a_));
  EXPECT_EQ(kept.Get("/").status, 200);
  const kit::Certificate next = kit::MakeCertificate({"a.example"});
  WriteCertificate("a", next);
  EXPECT_TRUE(kit::Eventually([&] { return Get("a.example", next).status == 200; }));
  EXPECT_EQ(kept.Get("/").status, 200) << "a new connection would not be trusted";
}

TEST_F(Tls, ASlowHandshakeHoldsUpNobodyElse) {
  ASSERT_TRUE(gateway_.Start({"--threads=1"})) << gateway_.Stderr();
  kit::RawClient silent(gateway_.https_port());
  kit::RawClient halting(gateway_.https_port());
  EXPECT_TRUE(halting.Send(std::string_view("\x16\x03\x01\x02", 4)));
  EXPECT_EQ(Get("a.example", a_).status, 200);
  // Both are cut off at the deadline.
  EXPECT_EQ(halting.ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(halting.closed_by_peer());
  EXPECT_EQ(silent.ReadToEnd(std::chrono::seconds(60)), "");
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_tls_handshakes_total{outcome=\"timeout\"}"), 2);
}

TEST_F(Tls, WhatIsNoTlsIsCutOff) {
  Start();
  kit::RawClient client(gateway_.https_port());
  EXPECT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), Not(HasSubstr("HTTP/1.1")));
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Tls, ExpiryIsAMetricAndKeysStandNowhere) {
  Start();
  EXPECT_EQ(Get("a.example", a_).status, 200);
  EXPECT_GT(gateway_.Metric("tollgate_certificate_expiry_timestamp_seconds{secret=\"test/a\"}"), 1.7e9);
  const std::string secret = a_.key.substr(a_.key.find('\n') + 1, 40);
  EXPECT_THAT(gateway_.Stderr() + gateway_.AccessLog(), Not(HasSubstr(secret)));
}

TEST_F(Tls, HttpsMayBeOff) {
  ASSERT_TRUE(gateway_.Start({"--https-address=off"})) << gateway_.Stderr();
  EXPECT_EQ(gateway_.https_port(), 0);
  EXPECT_EQ(kit::HttpClient(gateway_.port()).Get("/", {"Host: a.example"}).status, 200);
}

}  // namespace
}  // namespace tollgate
