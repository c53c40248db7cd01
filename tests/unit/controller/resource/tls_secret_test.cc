// Secrets of type kubernetes.io/tls: what of them can be used, and what is said of the rest.
#include "controller/resource/tls_secret.h"

#include <gmock/gmock.h>

#include <ctime>

#include "tests/kit/certificate.h"
#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TlsSecret Parse(const kit::Certificate& certificate) {
  return ParseOne<TlsSecret>(kit::TlsSecret("market", "one", certificate));
}

TEST(TlsSecret, ItsCertificateIsRead) {
  const kit::Certificate certificate = kit::MakeCertificate({"API.example.com", "*.example.org"});
  const TlsSecret secret = Parse(certificate);
  EXPECT_EQ(secret.meta.name.ToString(), "market/one");
  EXPECT_THAT(secret.names, ElementsAre("api.example.com", "*.example.org"));
  EXPECT_EQ(secret.chain, certificate.chain);
  EXPECT_EQ(secret.key, certificate.key);
  EXPECT_NEAR(static_cast<double>(secret.expires), static_cast<double>(std::time(nullptr) + 24 * 3600), 3600);
  EXPECT_EQ(secret.fault, "");
  EXPECT_THAT(secret.mistakes, IsEmpty());
}

TEST(TlsSecret, RsaKeysAreRead) {
  EXPECT_EQ(Parse(kit::MakeCertificate({"a.example"}, kit::KeyKind::kRsa)).fault, "");
}

TEST(TlsSecret, AChainIsKeptWhole) {
  kit::Certificate certificate = kit::MakeCertificate({"a.example"});
  certificate.chain += kit::MakeCertificate({"authority.example"}).chain;
  const TlsSecret secret = Parse(certificate);
  EXPECT_EQ(secret.chain, certificate.chain);
  EXPECT_THAT(secret.names, ElementsAre("a.example"));
}

TEST(TlsSecret, WhatCannotBeUsedSaysWhyAndKeepsNothing) {
  const kit::Certificate good = kit::MakeCertificate({"a.example"});
  const kit::Certificate other = kit::MakeCertificate({"a.example"});
  const std::pair<kit::Certificate, const char*> cases[] = {
      {{"no certificate\n", good.key}, "its tls.crt cannot be read: write the certificate"},
      {{good.chain, "no key\n"}, "its tls.key cannot be read: write the certificate's private key"},
      {{good.chain, other.key}, "its tls.key does not belong to its tls.crt"},
      {kit::MakeCertificate({"a.example"}, kit::KeyKind::kWeakRsa),
       "a key or signature in its tls.crt is too"},
  };
  for (const auto& [certificate, sentence] : cases) {
    const TlsSecret secret = Parse(certificate);
    EXPECT_THAT(secret.fault, StartsWith(sentence));
    EXPECT_EQ(secret.chain + secret.key, "") << sentence;
    EXPECT_THAT(secret.names, IsEmpty()) << sentence;
    EXPECT_THAT(secret.mistakes, IsEmpty()) << "the apiserver takes it";
  }
}

TEST(TlsSecret, BothEntriesAreNeededAsTheApiserverHasIt) {
  const TlsSecret secret = ParseOne<TlsSecret>(
      "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: one}\nstringData: {tls.crt: "
      "a}\n");
  EXPECT_THAT(secret.mistakes, ElementsAre(Field(&Mistake::field, "data[tls.key]")));
  EXPECT_THAT(secret.fault, Not(HasSubstr("-----")));
}

TEST(TlsSecret, TermsOfARouteAreRead) {
  const GatewayRoute route = RouteWith(R"(
  hosts: [a.example]
  access: Public
  tls: {certificateRefs: [{name: one}, {name: two}], minVersion: "1.3", redirectPlainHTTP: true}
  rules: [{name: all, upstream: {targets: [{serviceRef: {name: quotes, port: http}}]}}]
)");
  ASSERT_TRUE(route.tls);
  EXPECT_THAT(route.tls->certificates, ElementsAre("one", "two"));
  EXPECT_EQ(route.tls->min_version, TlsVersion::k13);
  EXPECT_TRUE(route.tls->redirect_plain_http);
  EXPECT_THAT(route.mistakes, IsEmpty());
}

}  // namespace
}  // namespace tollgate::resource
