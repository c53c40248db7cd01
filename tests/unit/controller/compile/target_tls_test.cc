// Targets over TLS: what cannot be proved as the author wants breaks the rule.
#include <gmock/gmock.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = resource::AuthorityRef::Kind;

class TargetTlsTest : public CompilerTest {
 protected:
  TargetTlsTest() { PutSurroundings(); }

  static resource::Target Https(resource::TargetTls tls = {}) {
    resource::Target target = ToService("quotes");
    target.protocol = resource::Protocol::kHttps;
    target.tls = std::move(tls);
    return target;
  }
  void PutRouteTo(resource::Target target) {
    resource::GatewayRoute route = MakeRoute("market/quotes");
    route.rules[0].targets = {std::move(target)};
    Put(route);
  }
  void PutConfigMap(const std::string& name, resource::Authorities authorities) {
    Put(resource::ConfigMap{Meta(name), std::move(authorities)});
  }
  static resource::TlsSecret Secret(const std::string& name, resource::Authorities authorities = {}) {
    resource::TlsSecret secret;
    secret.meta = Meta(name);
    secret.chain = "chain of " + name;
    secret.key = "key of " + name;
    secret.expires = 1;
    secret.authorities = std::move(authorities);
    return secret;
  }
  api::Rule Rule() const { return RouteNamed("market/quotes")->rules(0); }
  api::UpstreamTls Tls() const { return Rule().targets(0).tls(); }
  std::string ResolvedRefs() const { return RouteCondition("market/quotes", "ResolvedRefs"); }
  // Nothing is sent anywhere.
  void ExpectBroken(const std::string& why) {
    Compile();
    EXPECT_THAT(ResolvedRefs(), StartsWith("ResolvedRefs=False/" + why));
    EXPECT_EQ(Rule().targets_size(), 0);
    EXPECT_NE(Rule().broken(), "");
  }
};

TEST_F(TargetTlsTest, HttpIsInTheClear) {
  PutRouteTo(ToService("quotes"));
  Compile();
  EXPECT_FALSE(Rule().targets(0).has_tls());
}

TEST_F(TargetTlsTest, GrpcsIsGrpcOverTheSame) {
  resource::Target target = Https();
  target.protocol = resource::Protocol::kGrpcs;
  PutRouteTo(target);
  Compile();
  EXPECT_EQ(Rule().targets(0).protocol(), api::Target::GRPC);
  EXPECT_EQ(Tls().server_name(), "quotes.market.svc");
}

TEST_F(TargetTlsTest, HttpsAloneAsksForTheServiceAndTrustsTheSystem) {
  PutRouteTo(Https());
  Compile();
  ASSERT_TRUE(Rule().targets(0).has_tls());
  EXPECT_EQ(Tls().server_name(), "quotes.market.svc");
  EXPECT_EQ(Tls().authorities(), "");
  EXPECT_EQ(Tls().client_certificate(), "");
}

TEST_F(TargetTlsTest, TheNameOfTheRewriteOrTheOneThatIsGivenIsAskedFor) {
  resource::Target target = Https();
  target.rewrite_host = {resource::HostRewrite::Type::kName, "quotes.example"};
  PutRouteTo(target);
  Compile();
  EXPECT_EQ(Tls().server_name(), "quotes.example");
  target.tls.server_name = "other.example";
  PutRouteTo(target);
  Compile();
  EXPECT_EQ(Tls().server_name(), "other.example");
}

TEST_F(TargetTlsTest, TheServicesHostHasItsPortWhereItIsNotTheOneOfHttps) {
  resource::Service service = MakeService("market/quotes");
  service.ports = {{.name = "http", .port = 443}};
  Put(service);
  resource::Target target = Https();
  target.rewrite_host = {resource::HostRewrite::Type::kUpstream, ""};
  PutRouteTo(target);
  Compile();
  EXPECT_EQ(Rule().targets(0).rewrite_host(), "quotes.market.svc");
  target.protocol = resource::Protocol::kHttp;
  PutRouteTo(target);
  Compile();
  EXPECT_EQ(Rule().targets(0).rewrite_host(), "quotes.market.svc:443");
}

TEST_F(TargetTlsTest, AuthoritiesAreHandedOnTogether) {
  PutConfigMap("market/ca", {"one;", ""});
  Put(Secret("market/tls", {"two;", ""}));
  PutRouteTo(Https({.authorities = {{Kind::kConfigMap, "ca"}, {Kind::kSecret, "tls"}}}));
  Compile();
  EXPECT_EQ(Tls().authorities(), "one;two;");
  EXPECT_THAT(ResolvedRefs(), StartsWith("ResolvedRefs=True"));
}

TEST_F(TargetTlsTest, AMissingAuthorityBreaksTheRuleWhateverElseIsTrusted) {
  PutConfigMap("market/ca", {"one;", ""});
  PutConfigMap("rival/theirs", {"two;", ""});
  PutRouteTo(Https({.authorities = {{Kind::kConfigMap, "ca"}, {Kind::kConfigMap, "theirs"}}}));
  ExpectBroken(
      "RefNotFound: spec.rules[0].upstream.targets[0].tls.caCertificateRefs[1]: ConfigMap market/theirs does "
      "not exist");
  PutRouteTo(Https({.authorities = {{Kind::kSecret, "ca"}}}));
  ExpectBroken(
      "RefNotFound: spec.rules[0].upstream.targets[0].tls.caCertificateRefs[0]: Secret market/ca of type "
      "kubernetes.io/tls does not exist");
}

TEST_F(TargetTlsTest, AnAuthorityThatCannotBeReadBreaksTheRule) {
  PutConfigMap("market/ca", {"", "it has no entry ca.crt: put it there"});
  PutRouteTo(Https({.authorities = {{Kind::kConfigMap, "ca"}}}));
  ExpectBroken(
      "InvalidCertificateRef: spec.rules[0].upstream.targets[0].tls.caCertificateRefs[0]: ConfigMap "
      "market/ca names nobody to trust, it has no entry ca.crt: put it there");
}

TEST_F(TargetTlsTest, SecretsThatMayNotBeReadAreToldApart) {
  options_.secrets_denied_in = {"market"};
  PutRouteTo(Https({.authorities = {{Kind::kSecret, "ca"}}}));
  ExpectBroken(
      "SecretAccessDenied: spec.rules[0].upstream.targets[0].tls.caCertificateRefs[0]: the Secrets "
      "of namespace market may not be read");
}

TEST_F(TargetTlsTest, TheClientsCertificateComesAlong) {
  Put(Secret("market/me"));
  PutRouteTo(Https({.client_certificate = "me"}));
  options_.now = 2;  // it has expired, which is for the upstream to judge
  Compile();
  EXPECT_EQ(Tls().client_certificate(), "market/me");
  const auto& resources = compiled_.snapshot.resources();
  EXPECT_TRUE(std::any_of(resources.begin(), resources.end(), [](const api::Resource& resource) {
    return resource.kind() == api::CERTIFICATE && resource.name() == "market/me";
  }));
}

TEST_F(TargetTlsTest, AMissingOrBrokenClientCertificateBreaksTheRule) {
  PutRouteTo(Https({.client_certificate = "me"}));
  ExpectBroken("RefNotFound: spec.rules[0].upstream.targets[0].tls.clientCertificateRef: Secret market/me");
  resource::TlsSecret secret = Secret("market/me");
  secret.fault = "its tls.key is wrong: mend it";
  Put(secret);
  ExpectBroken(
      "InvalidCertificateRef: spec.rules[0].upstream.targets[0].tls.clientCertificateRef: Secret "
      "market/me cannot be used");
}

}  // namespace
}  // namespace tollgate::compile
