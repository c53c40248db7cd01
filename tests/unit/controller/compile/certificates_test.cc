// Terms of TLS and their certificates: what leads to none is told, and opens nothing.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Authority = resource::AuthorityRef::Kind;

constexpr int64_t kNow = 1'800'000'000;

class CertificatesTest : public CompilerTest {
 protected:
  CertificatesTest() {
    PutSurroundings();
    options_.now = kNow;
  }
  static resource::TlsSecret Certificate(const std::string& name, std::vector<std::string> names,
                                         int64_t expires = kNow + 1) {
    resource::TlsSecret secret;
    secret.meta = Meta(name);
    secret.chain = "chain of " + name;
    secret.key = "key of " + name;
    secret.names = std::move(names);
    secret.expires = expires;
    return secret;
  }
  static resource::GatewayRoute Route(const std::string& name, std::vector<std::string> certificates,
                                      int64_t created = 100) {
    resource::GatewayRoute route = MakeRoute(name, created);
    route.tls = resource::RouteTls{std::move(certificates), {}, false};
    return route;
  }
  std::optional<api::Certificate> CertificateNamed(const std::string& name) const {
    for (const api::Resource& resource : compiled_.snapshot.resources()) {
      if (resource.kind() != api::CERTIFICATE || resource.name() != name) continue;
      api::Certificate certificate;
      EXPECT_TRUE(certificate.ParseFromString(resource.body()));
      return certificate;
    }
    return std::nullopt;
  }
  std::string Accepted(const std::string& name) const { return RouteCondition(name, "Accepted"); }
  std::string ResolvedRefs(const std::string& name = "market/quotes") const {
    return RouteCondition(name, "ResolvedRefs");
  }
};

TEST_F(CertificatesTest, ARouteBringsItsCertificates) {
  Put(Certificate("market/one", {"api.example.com"}));
  Put(Certificate("market/unused", {"api.example.com"}));
  Put(Route("market/quotes", {"one"}));
  Compile();
  const api::Tls tls = RouteNamed("market/quotes")->tls();
  EXPECT_THAT(tls.certificates(), ElementsAre("market/one"));
  EXPECT_EQ(tls.min_version(), api::Tls::TLS_1_2);
  EXPECT_FALSE(tls.redirect_plain_http());
  EXPECT_EQ(CertificateNamed("market/one")->chain(), "chain of market/one");
  EXPECT_EQ(CertificateNamed("market/one")->key(), "key of market/one");
  EXPECT_THAT(CertificateNamed("market/one")->names(), ElementsAre("api.example.com"));
  EXPECT_EQ(CertificateNamed("market/one")->expires(), kNow + 1);
  EXPECT_FALSE(CertificateNamed("market/unused"));
  EXPECT_THAT(ResolvedRefs(), StartsWith("ResolvedRefs=True/ResolvedRefs: Every reference"));
}

TEST_F(CertificatesTest, WhatIsAskedForIsHandedOn) {
  Put(Certificate("market/one", {"api.example.com"}));
  resource::GatewayRoute route = Route("market/quotes", {"one"});
  route.tls->min_version = resource::TlsVersion::k13;
  route.tls->redirect_plain_http = true;
  Put(route);
  Compile();
  EXPECT_EQ(RouteNamed("market/quotes")->tls().min_version(), api::Tls::TLS_1_3);
  EXPECT_TRUE(RouteNamed("market/quotes")->tls().redirect_plain_http());
}

TEST_F(CertificatesTest, CallersAreAskedAsTheRouteSays) {
  Put(Certificate("market/one", {"api.example.com"}));
  Put(resource::ConfigMap{Meta("market/ca"), {"authorities", ""}});
  resource::GatewayRoute route = Route("market/quotes", {"one"});
  route.tls->client_certificate = resource::ClientCertificate{true, {{Authority::kConfigMap, "ca"}}};
  Put(route);
  Compile();
  EXPECT_TRUE(RouteNamed("market/quotes")->tls().client_certificate().required());
  EXPECT_EQ(RouteNamed("market/quotes")->tls().client_certificate().authorities(), "authorities");
  EXPECT_THAT(RouteNamed("market/quotes")->tls().certificates(), ElementsAre("market/one"));
  route.tls->client_certificate->required = false;
  Put(route);
  Compile();
  EXPECT_TRUE(RouteNamed("market/quotes")->tls().has_client_certificate());
  EXPECT_FALSE(RouteNamed("market/quotes")->tls().client_certificate().required());
}

TEST_F(CertificatesTest, WithoutItsAuthoritiesNothingIsShownToAnybody) {
  Put(Certificate("market/one", {"api.example.com"}));
  resource::GatewayRoute route = Route("market/quotes", {"one"});
  route.tls->client_certificate = resource::ClientCertificate{false, {{Authority::kConfigMap, "ca"}}};
  Put(route);
  Compile();
  EXPECT_EQ(RouteNamed("market/quotes")->tls().certificates_size(), 0);
  EXPECT_THAT(ResolvedRefs(),
              StartsWith("ResolvedRefs=False/RefNotFound: "
                         "spec.tls.clientCertificate.caCertificateRefs[0]: ConfigMap market/ca"));
}

TEST_F(CertificatesTest, AskingCallersInAnotherWayIsAConflict) {
  Put(Certificate("market/one", {"api.example.com"}));
  Put(resource::ConfigMap{Meta("market/ca"), {"authorities", ""}});
  Put(Route("market/old", {"one"}, 100));
  resource::GatewayRoute young = Route("market/young", {"one"}, 200);
  young.tls->client_certificate = resource::ClientCertificate{true, {{Authority::kConfigMap, "ca"}}};
  Put(young);
  Compile();
  EXPECT_THAT(Accepted("market/young"), StartsWith("Accepted=False/TLSConflict"));
}

TEST_F(CertificatesTest, ARouteWithoutTlsSaysNothing) {
  Put(MakeRoute("market/quotes"));
  Compile();
  EXPECT_FALSE(RouteNamed("market/quotes")->has_tls());
}

TEST_F(CertificatesTest, AMissingSecretIsLeftOutAndNamed) {
  Put(Certificate("market/one", {"api.example.com"}));
  Put(Certificate("rival/two", {"api.example.com"}));
  Put(Route("market/quotes", {"two", "one"}));
  Compile();
  EXPECT_THAT(RouteNamed("market/quotes")->tls().certificates(), ElementsAre("market/one"));
  EXPECT_EQ(ResolvedRefs(),
            "ResolvedRefs=False/RefNotFound: spec.tls.certificateRefs[0]: Secret market/two of type "
            "kubernetes.io/tls does not exist: create it, or name another Secret");
}

TEST_F(CertificatesTest, WithoutAnyTheHostHasTermsAndNothingToShow) {
  Put(Route("market/quotes", {"two"}));
  Compile();
  EXPECT_TRUE(RouteNamed("market/quotes")->has_tls());
  EXPECT_EQ(RouteNamed("market/quotes")->tls().certificates_size(), 0);
}

TEST_F(CertificatesTest, AnUnusableSecretIsLeftOutWithItsReason) {
  resource::TlsSecret broken = Certificate("market/one", {});
  broken.fault = "its tls.key is wrong: mend it";
  Put(broken);
  Put(Route("market/quotes", {"one"}));
  Compile();
  EXPECT_EQ(RouteNamed("market/quotes")->tls().certificates_size(), 0);
  EXPECT_FALSE(CertificateNamed("market/one"));
  EXPECT_EQ(ResolvedRefs(),
            "ResolvedRefs=False/InvalidCertificateRef: spec.tls.certificateRefs[0]: Secret market/one cannot "
            "be used, its tls.key is wrong: mend it");
}

TEST_F(CertificatesTest, AnExpiredCertificateIsToldAndChangesNoSnapshot) {
  Put(Certificate("market/one", {"api.example.com"}, kNow));
  Put(Route("market/quotes", {"one"}));
  Compile();
  EXPECT_EQ(ResolvedRefs(),
            "ResolvedRefs=False/InvalidCertificateRef: spec.tls.certificateRefs[0]: Secret market/one cannot "
            "be used, its certificate expired at 2027-01-15T08:00:00Z: renew it");
  const std::string version = compiled_.snapshot.version();
  options_.now = kNow - 10;
  Compile();
  EXPECT_THAT(ResolvedRefs(), StartsWith("ResolvedRefs=True"));
  EXPECT_EQ(compiled_.snapshot.version(), version);
  EXPECT_EQ(compiled_.valid_until, kNow);
}

TEST_F(CertificatesTest, TheNextExpiryIsThatOfTheFirstStillToCome) {
  Compile();
  EXPECT_EQ(compiled_.valid_until, 0);
  Put(Certificate("market/gone", {"x"}, kNow - 1));
  Put(Certificate("market/late", {"x"}, kNow + 20));
  Put(Certificate("market/early", {"x"}, kNow + 10));
  Compile();
  EXPECT_EQ(compiled_.valid_until, kNow + 10);
}

TEST_F(CertificatesTest, SecretsThatMayNotBeReadAreToldApart) {
  options_.secrets_denied_in = {"market"};
  Put(Route("market/quotes", {"one"}));
  Compile();
  EXPECT_THAT(ResolvedRefs(),
              AllOf(StartsWith("ResolvedRefs=False/SecretAccessDenied: "
                               "spec.tls.certificateRefs[0]: the Secrets of namespace market"),
                    HasSubstr("create a RoleBinding")));
}

TEST_F(CertificatesTest, AHostThatNoCertificateNamesIsAWarning) {
  Put(Certificate("market/one", {"*.example.com", "other.example"}));
  resource::GatewayRoute route = Route("market/quotes", {"one"});
  route.hosts = {"api.example.com", "a.b.example.com", "*.example.com"};
  Put(route);
  Compile();
  EXPECT_EQ(ResolvedRefs(),
            "ResolvedRefs=True/ResolvedRefs: spec.tls.certificateRefs: no certificate here names "
            "a.b.example.com, so callers will not trust the connection: add a Secret whose certificate does");
}

TEST_F(CertificatesTest, OtherTermsThanAnOlderRoutesAreRefused) {
  Put(Certificate("market/one", {"api.example.com"}));
  Put(Certificate("market/two", {"api.example.com"}));
  Put(Route("market/old", {"one"}, 100));
  Put(Route("market/young", {"two"}, 200));
  Put(MakeRoute("market/silent", 300));
  Compile();
  EXPECT_THAT(Accepted("market/old"), StartsWith("Accepted=True"));
  EXPECT_THAT(Accepted("market/silent"), StartsWith("Accepted=True"));
  EXPECT_EQ(Accepted("market/young"),
            "Accepted=False/TLSConflict: spec.tls: differs from that of GatewayRoute market/old, which is "
            "older and serves api.example.com, too: write the same in both, or leave tls out of this one");
  const auto young = RouteNamed("market/young");
  EXPECT_FALSE(young->has_tls());
  EXPECT_EQ(young->access(), api::ACCESS_UNSPECIFIED);
  EXPECT_EQ(young->rules_size(), 0);
  EXPECT_THAT(young->broken(), StartsWith("spec.tls: differs"));
  EXPECT_FALSE(CertificateNamed("market/two"));
}

TEST_F(CertificatesTest, TheSameTermsAreNoConflict) {
  Put(Certificate("market/one", {"api.example.com"}));
  Put(Route("market/old", {"one"}, 100));
  resource::GatewayRoute young = Route("market/young", {"one"}, 200);
  young.tls->min_version = resource::TlsVersion::k12;  // the default
  Put(young);
  Compile();
  EXPECT_THAT(Accepted("market/young"), StartsWith("Accepted=True"));
}

TEST_F(CertificatesTest, HostsThatMerelyOverlapAreNoConflict) {
  Put(Certificate("market/one", {"api.example.com"}));
  Put(Certificate("market/two", {"*.example.com"}));
  Put(Route("market/old", {"one"}, 100));
  resource::GatewayRoute wide = Route("market/wide", {"two"}, 200);
  wide.hosts = {"*.example.com"};
  Put(wide);
  Compile();
  EXPECT_THAT(Accepted("market/wide"), StartsWith("Accepted=True"));
}

TEST_F(CertificatesTest, ARefusedRouteKeepsTheTermsOfItsHosts) {
  Put(Certificate("market/one", {"api.example.com"}));
  resource::GatewayRoute route = Route("market/quotes", {"one"});
  route.mistakes = {{"spec.access", "is wrong"}};
  Put(route);
  Compile();
  EXPECT_THAT(RouteNamed("market/quotes")->tls().certificates(), ElementsAre("market/one"));
  EXPECT_THAT(RouteNamed("market/quotes")->broken(), EndsWith("is wrong"));
}

TEST_F(CertificatesTest, TermsThatCannotBeReadAreNone) {
  Put(Certificate("market/one", {"api.example.com"}));
  resource::GatewayRoute broken = Route("market/broken", {"one"}, 100);
  broken.mistakes = {{"spec.tls.minVersion", "is wrong"}};
  Put(broken);
  resource::GatewayRoute sound = Route("market/sound", {"one"}, 200);
  sound.tls->redirect_plain_http = true;
  Put(sound);
  Compile();
  EXPECT_FALSE(RouteNamed("market/broken")->has_tls());
  EXPECT_THAT(Accepted("market/sound"), StartsWith("Accepted=True"));
}

}  // namespace
}  // namespace tollgate::compile
