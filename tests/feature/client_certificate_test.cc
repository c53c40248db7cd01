// Callers who prove by a certificate who they are, with libcurl and openssl s_client as callers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/shell.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kRequire[] =
    ", clientCertificate: {mode: Require, caCertificateRefs: [{kind: ConfigMap, name: partners}]}";
constexpr char kRequest[] =
    ", clientCertificate: {mode: Request, caCertificateRefs: [{kind: ConfigMap, name: partners}]}";

class ClientCertificate : public testing::Test {
 protected:
  ClientCertificate() {
    gateway_.WriteService("test", "upstream", upstream_.port());
    gateway_.Write("server.yaml", kit::TlsSecret("test", "server", server_));
    gateway_.Write("partners.yaml", kit::AuthorityMap("test", "partners", partners_));
  }
  void WriteRoute(const std::string& name, const std::string& more) {
    std::string route = kit::PublicRoute(name + ".example");
    route.replace(route.find("name: upstream, namespace"), 14, "name: " + name);
    route.insert(route.find("  access:"), "  tls: {certificateRefs: [{name: server}]" + more + "}\n");
    gateway_.Write("route-" + name + ".yaml", route);
  }
  void Serve(const std::string& more) {
    WriteRoute("a", more);
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  kit::TlsTarget At(const std::string& name, const kit::Certificate& shown = {}) {
    kit::TlsTarget target{name + ".example", gateway_.https_port(), server_.chain};
    target.shown_chain = shown.chain;
    target.shown_key = shown.key;
    return target;
  }
  kit::HttpAnswer Get(const kit::Certificate& shown = {}, const std::vector<std::string>& headers = {}) {
    return kit::HttpClient(At("a", shown)).Get("/", headers);
  }
  std::string Handshake(const std::string& flags) {
    return kit::Shell("openssl s_client -servername a.example -connect 127.0.0.1:" +
                          std::to_string(gateway_.https_port()) + " " + flags,
                      "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
        .out;
  }
  bool EventuallyLogged(const std::string& text) {
    return kit::Eventually([&] { return gateway_.AccessLog().find(text) != std::string::npos; });
  }

  const kit::Certificate server_ = kit::MakeCertificate({"a.example", "b.example"});
  const kit::Certificate partners_ = kit::MakeAuthority("partners");
  const kit::Certificate known_ = kit::Issue(partners_, "known", {"known.example"});
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(ClientCertificate, WhoHasTheOneThatIsRequiredIsServedAndLogged) {
  Serve(kRequire);
  const kit::HttpAnswer answer = Get(known_);
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_TRUE(EventuallyLogged("\"clientSubject\":\"CN=known\"")) << gateway_.AccessLog();
  EXPECT_THAT(gateway_.AccessLog(), AllOf(HasSubstr("\"clientNames\":\"DNS:known.example\""),
                                          HasSubstr("\"clientFingerprint\":\"")));
}

TEST_F(ClientCertificate, WithoutItTheHandshakeFails) {
  Serve(kRequire);
  EXPECT_EQ(Get().status, 0);
  EXPECT_EQ(Get(kit::Issue(kit::MakeAuthority("strangers"), "known", {})).status, 0);
  EXPECT_THAT(Handshake("-tls1_3 -ign_eof"), HasSubstr("alert certificate required"));
  EXPECT_THAT(Handshake("-tls1_2"), HasSubstr("alert handshake failure"));
  EXPECT_TRUE(upstream_.Complete().empty());
  EXPECT_EQ(gateway_.Metric("tollgate_proxy_tls_handshakes_total{outcome=\"caller_refused\"}"), 4);
}

TEST_F(ClientCertificate, WhereItIsRequestedOthersAreServedToo) {
  Serve(kRequest);
  EXPECT_EQ(Get().status, 200);
  EXPECT_TRUE(EventuallyLogged("\"status\":200"));
  EXPECT_THAT(gateway_.AccessLog(), Not(HasSubstr("clientSubject")));
  EXPECT_EQ(Get(known_).status, 200);
  EXPECT_TRUE(EventuallyLogged("\"clientSubject\":\"CN=known\""));
  EXPECT_EQ(Get(kit::Issue(kit::MakeAuthority("strangers"), "known", {})).status, 0);
}

TEST_F(ClientCertificate, WithoutItsAuthoritiesNobodyIsServed) {
  Serve(", clientCertificate: {mode: Request, caCertificateRefs: [{kind: ConfigMap, name: missing}]}");
  EXPECT_EQ(Get(known_).status, 0);
  EXPECT_EQ(Get().status, 0);
  EXPECT_THAT(Handshake(""), HasSubstr("unrecognized name"));
  EXPECT_THAT(gateway_.Stderr(), HasSubstr("ConfigMap test/missing does not exist"));
  gateway_.Write("missing.yaml", kit::AuthorityMap("test", "missing", partners_));
  EXPECT_TRUE(kit::Eventually([&] { return Get(known_).status == 200; }));
}

TEST_F(ClientCertificate, AHostThatRequiresOneIsNotReachedOverAnothersConnection) {
  WriteRoute("b", "");
  Serve(kRequire);
  kit::HttpClient client(At("b"));
  EXPECT_EQ(client.Get("/").status, 200);
  EXPECT_EQ(client.Get("/", {"Host: a.example"}).status, 421);
}

TEST_F(ClientCertificate, TermsThatBecomeStricterHoldForOpenConnections) {
  Serve("");
  kit::HttpClient kept(At("a"));
  EXPECT_EQ(kept.Get("/").status, 200);
  WriteRoute("a", kRequire);
  EXPECT_TRUE(kit::Eventually([&] { return kept.Get("/").status == 421; }));
  EXPECT_EQ(Get(known_).status, 200);
}

TEST_F(ClientCertificate, SessionsDoNotOutliveTheAuthorityThatTheyWereMadeUnder) {
  Serve(kRequire);
  kit::HttpClient client(At("a", known_));
  EXPECT_EQ(client.Get("/").status, 200);
  gateway_.Write("partners.yaml", kit::AuthorityMap("test", "partners", kit::MakeAuthority("others")));
  // Open connections are led to new ones, which fail whatever tickets there are.
  EXPECT_TRUE(kit::Eventually([&] { return client.Get("/").status == 421; }));
  kit::HttpRequest fresh;
  fresh.own_connection = true;
  EXPECT_EQ(client.Send(fresh).status, 0);
}

TEST_F(ClientCertificate, WhatOthersSayOfTheirCallersCertificatesIsNotHandedOn) {
  Serve(kRequest);
  EXPECT_EQ(Get({}, {"X-Forwarded-Client-Cert: Subject=\"CN=admin\"", "X_Forwarded_Client_Cert: a"}).status,
            200);
  ASSERT_EQ(upstream_.Complete().size(), 1U);
  EXPECT_THAT(upstream_.Complete()[0].head, AllOf(Not(HasSubstr("lient")), Not(HasSubstr("admin"))));
}

}  // namespace
}  // namespace tollgate
