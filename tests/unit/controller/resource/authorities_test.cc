// Certificates of authorities, and the targets that name them.
#include "controller/resource/authorities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/resource/gateway_route.h"
#include "tests/kit/certificate.h"
#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Authorities, AConfigMapsCertificatesAreKept) {
  const kit::Certificate authority = kit::MakeAuthority("ours");
  const ConfigMap map = ParseOne<ConfigMap>(kit::AuthorityMap("market", "ca", authority));
  EXPECT_EQ(map.meta.name, (ObjectName{"market", "ca"}));
  EXPECT_EQ(map.authorities.fault, "");
  EXPECT_EQ(map.authorities.pem, authority.chain);
}

TEST(Authorities, NothingButCertificatesIsKept) {
  const kit::Certificate one = kit::MakeAuthority("one");
  const kit::Certificate two = kit::MakeAuthority("two");
  const Authorities read =
      ReadAuthorities({{"ca.crt", "# one\n" + one.chain + one.key + "# two\n" + two.chain}});
  EXPECT_EQ(read.fault, "");
  EXPECT_EQ(read.pem, one.chain + two.chain);
}

TEST(Authorities, ASecretMayHaveThemBesideItsOwnCertificate) {
  const kit::Certificate own = kit::MakeCertificate({"a.example"});
  const kit::Certificate authority = kit::MakeAuthority("ours");
  const auto secret = ParseOne<TlsSecret>(kit::TlsSecret("market", "one", own, authority.chain));
  EXPECT_EQ(secret.authorities.pem, authority.chain);
  EXPECT_EQ(secret.chain, own.chain);
  EXPECT_THAT(ParseOne<TlsSecret>(kit::TlsSecret("market", "one", own)).authorities.fault,
              HasSubstr("has no entry ca.crt"));
}

TEST(Authorities, WhatCannotBeReadNamesNobody) {
  const std::string good = kit::MakeAuthority("ours").chain;
  std::string torn = good;
  torn.replace(100, 1, "!");
  for (const std::string& text : {std::string(), std::string("text"), torn, good + torn}) {
    const Authorities read = ReadAuthorities({{"ca.crt", text}});
    EXPECT_THAT(read.fault, HasSubstr("its ca.crt cannot be read")) << text;
    EXPECT_EQ(read.pem, "");
  }
}

TEST(Authorities, OtherConfigMapsNameNobody) {
  const auto map = ParseOne<ConfigMap>(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\nbinaryData: {ca.crt: aGVsbG8=}\n");
  EXPECT_THAT(map.authorities.fault, HasSubstr("has no entry ca.crt"));
}

TEST(ClientCertificate, IsRead) {
  const auto read = [](const std::string& block) {
    const GatewayRoute route = RouteWith(
        "\n  access: Public\n  tls: {certificateRefs: [{name: one}], clientCertificate: " + block +
        "}\n  rules: [{name: all, upstream: {targets: [{serviceRef: {name: quotes, port: http}}]}}]\n");
    EXPECT_THAT(route.mistakes, IsEmpty());
    return route.tls->client_certificate;
  };
  EXPECT_EQ(read("{mode: None}"), std::nullopt);
  const AuthorityRef partners{AuthorityRef::Kind::kConfigMap, "partners"};
  EXPECT_EQ(read("{mode: Request, caCertificateRefs: [{kind: ConfigMap, name: partners}]}"),
            (ClientCertificate{false, {partners}}));
  EXPECT_EQ(read("{mode: Require, caCertificateRefs: [{kind: ConfigMap, name: partners}]}"),
            (ClientCertificate{true, {partners}}));
}

TEST(TargetTls, IsRead) {
  const GatewayRoute route = RouteWith(R"(
  access: Public
  rules:
  - name: all
    upstream:
      targets:
      - serviceRef: {name: quotes, port: https}
        protocol: HTTPS
        tls:
          caCertificateRefs: [{kind: ConfigMap, name: one}, {kind: Secret, name: two}]
          serverName: quotes.example
          clientCertificateRef: {name: me}
      - serviceRef: {name: quotes, port: https}
        protocol: HTTPS
      - serviceRef: {name: quotes, port: http}
)");
  ASSERT_THAT(route.rules[0].mistakes, IsEmpty());
  const std::vector<Target>& targets = route.rules[0].targets;
  EXPECT_EQ(targets[0].protocol, Protocol::kHttps);
  EXPECT_THAT(targets[0].tls.authorities, ElementsAre(AuthorityRef{AuthorityRef::Kind::kConfigMap, "one"},
                                                      AuthorityRef{AuthorityRef::Kind::kSecret, "two"}));
  EXPECT_EQ(targets[0].tls.server_name, "quotes.example");
  EXPECT_EQ(targets[0].tls.client_certificate, "me");
  EXPECT_EQ(targets[1].protocol, Protocol::kHttps);
  EXPECT_EQ(targets[1].tls, TargetTls());
  EXPECT_EQ(targets[2].protocol, Protocol::kHttp);
}

}  // namespace
}  // namespace tollgate::resource
