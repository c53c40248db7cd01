// Upstreams over TLS: they prove who they are, or nothing is sent to them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/tls_upstream.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kTrust[] = "caCertificateRefs: [{kind: ConfigMap, name: ca}]";

class UpstreamTls : public testing::Test {
 protected:
  UpstreamTls() { gateway_.Write("ca.yaml", kit::AuthorityMap("test", "ca", authority_)); }

  // A host of its own for each, so that several stand side by side.
  void WriteRoute(const std::string& name, const std::string& target) {
    std::string route = kit::PublicRoute(name + ".example");
    route.replace(route.find("name: upstream, namespace"), 14, "name: " + name);
    route.replace(route.find("http}}]}"), 8, "http}, " + target + "}]}");
    gateway_.Write("route-" + name + ".yaml", route);
  }
  void Serve(const kit::TlsUpstream& upstream, const std::string& tls) {
    gateway_.WriteService("test", "upstream", upstream.port());
    WriteRoute("a", "protocol: HTTPS, tls: {" + tls + "}");
    ASSERT_TRUE(gateway_.Start({"--threads=1"})) << gateway_.Stderr();
  }
  kit::HttpAnswer Get(const std::string& name = "a", const std::string& path = "/") {
    return kit::HttpClient(gateway_.port()).Get(path, {"Host: " + name + ".example"});
  }
  // The log says why, and the caller is not told.
  void ExpectRefused(const std::string& reason) {
    const kit::HttpAnswer answer = Get();
    EXPECT_EQ(answer.status, 502);
    EXPECT_THAT(answer.body, AllOf(HasSubstr("problems/upstream-connect"), Not(HasSubstr("tls"))));
    EXPECT_TRUE(kit::Eventually([&] {
      return gateway_.AccessLog().find("\"reason\":\"" + reason + "\"") != std::string::npos;
    })) << gateway_.AccessLog();
  }

  const kit::Certificate authority_ = kit::MakeAuthority("ours");
  const kit::Certificate server_ = kit::Issue(authority_, "server", {"upstream.test.svc"});
  kit::Gateway gateway_;
};

TEST_F(UpstreamTls, ItIsAskedForByTheServicesNameAndProvesIt) {
  const kit::TlsUpstream upstream(server_);
  Serve(upstream, kTrust);
  const kit::HttpAnswer answer = Get();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, AllOf(HasSubstr("name=upstream.test.svc\n"), HasSubstr("host=a.example\n"),
                                 HasSubstr("client=\n")));
}

TEST_F(UpstreamTls, AConnectionIsKeptAndASessionResumed) {
  const kit::TlsUpstream upstream(server_);
  Serve(upstream, kTrust);
  EXPECT_THAT(Get().body, AllOf(HasSubstr("connection=1\n"), HasSubstr("resumed=False")));
  EXPECT_THAT(Get().body, HasSubstr("connection=1\n"));
  EXPECT_THAT(Get("a", "/closing").body, HasSubstr("connection=1\n"));
  EXPECT_THAT(Get().body, AllOf(HasSubstr("connection=2\n"), HasSubstr("resumed=True")));
}

TEST_F(UpstreamTls, AnotherNameIsProvedWhereItIsAskedFor) {
  const kit::TlsUpstream upstream(kit::Issue(authority_, "server", {"legacy.example"}));
  Serve(upstream, std::string(kTrust) + ", serverName: legacy.example");
  EXPECT_THAT(Get().body, HasSubstr("name=legacy.example\n"));
}

TEST_F(UpstreamTls, ACertificateForAnotherNameIsRefused) {
  const kit::TlsUpstream upstream(server_);
  Serve(upstream, std::string(kTrust) + ", serverName: legacy.example");
  ExpectRefused("tls-name-mismatch");
}

TEST_F(UpstreamTls, AnExpiredCertificateIsRefused) {
  const kit::TlsUpstream upstream(
      kit::Issue(authority_, "server", {"upstream.test.svc"}, -std::chrono::hours(1)));
  Serve(upstream, kTrust);
  ExpectRefused("tls-certificate-expired");
}

TEST_F(UpstreamTls, WithoutAuthoritiesTheSystemDoesNotKnowOurs) {
  const kit::TlsUpstream upstream(server_);
  Serve(upstream, "serverName: upstream.test.svc");
  ExpectRefused("tls-certificate-untrusted");
}

TEST_F(UpstreamTls, WhatSpeaksNoTlsIsNotSpokenToInTheClear) {
  const kit::RecordingUpstream plain;
  gateway_.WriteService("test", "upstream", plain.port());
  WriteRoute("a", "protocol: HTTPS");
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  EXPECT_EQ(Get().status, 502);
  EXPECT_TRUE(plain.Complete().empty());
}

TEST_F(UpstreamTls, OurCertificateIsShownAndReplacedWhileRunning) {
  const kit::TlsUpstream upstream(server_, authority_);
  gateway_.Write("me.yaml", kit::TlsSecret("test", "me", kit::Issue(authority_, "first", {})));
  Serve(upstream, std::string(kTrust) + ", clientCertificateRef: {name: me}");
  EXPECT_THAT(Get().body, HasSubstr("client=first\n"));
  gateway_.Write("me.yaml", kit::TlsSecret("test", "me", kit::Issue(authority_, "second", {})));
  EXPECT_TRUE(kit::Eventually([&] { return Get().body.find("client=second\n") != std::string::npos; }));
  const std::string secret = authority_.key.substr(authority_.key.find('\n') + 1, 40);
  EXPECT_THAT(gateway_.Stderr() + gateway_.AccessLog(), Not(HasSubstr(secret)));
}

TEST_F(UpstreamTls, AMissingReferenceBreaksTheRuleAndMendsIt) {
  const kit::TlsUpstream upstream(server_);
  Serve(upstream, "caCertificateRefs: [{kind: ConfigMap, name: other}]");
  const kit::HttpAnswer answer = Get();
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("problems/rule-broken"));
  EXPECT_THAT(gateway_.Stderr(),
              AllOf(HasSubstr("ConfigMap test/other does not exist"), HasSubstr("RefNotFound")));
  gateway_.Write("other.yaml", kit::AuthorityMap("test", "other", authority_));
  EXPECT_TRUE(kit::Eventually([&] { return Get().status == 200; }));
}

TEST_F(UpstreamTls, OtherTermsHaveConnectionsOfTheirOwn) {
  const kit::TlsUpstream upstream(kit::Issue(authority_, "server", {"upstream.test.svc", "b.example"}));
  WriteRoute("b", std::string("protocol: HTTPS, tls: {serverName: b.example, ") + kTrust + "}");
  WriteRoute("c", std::string("protocol: HTTPS, tls: {serverName: c.example, ") + kTrust + "}");
  WriteRoute("d", "protocol: HTTP");
  Serve(upstream, kTrust);
  EXPECT_THAT(Get("a").body, HasSubstr("connection=1\n"));
  EXPECT_THAT(Get("b").body, AllOf(HasSubstr("connection=2\n"), HasSubstr("name=b.example\n")));
  EXPECT_EQ(Get("c").status, 502) << "its certificate does not prove that name";
  EXPECT_EQ(Get("d").status, 502) << "in the clear to a port of TLS";
  EXPECT_THAT(Get("a").body, HasSubstr("connection=1\n"));
}

}  // namespace
}  // namespace tollgate
