// Certificates on a cluster: Secrets of type kubernetes.io/tls reach both proxies, and so do their edits.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using testing::HasSubstr;

class Certificates : public Gateway {
 protected:
  static std::string TlsRoute(const std::string& name, const std::string& host, const std::string& secret) {
    std::string route = Route(name, host, "/");
    route.insert(route.find("  plans:"), "  tls: {certificateRefs: [{name: " + secret + "}]}\n");
    return route;
  }
  // Whether both proxies come to show a certificate that such a caller trusts.
  static bool EventuallyShown(const std::string& host, const kit::Certificate& trusted) {
    return kit::Eventually([&] {
      for (const int proxy : {1, 2}) {
        kit::HttpClient client(kit::TlsTarget{host, 8443, trusted.chain, Installation::ProxyAddress(proxy)});
        if (client.Get("/", WithKey()).status != 200) return false;
      }
      return true;
    });
  }
};

TEST_F(Certificates, ASecretAndItsEditsReachBothProxies) {
  const std::string host = "tls.example";
  ASSERT_TRUE(installation->Apply(TlsRoute("tls", host, "tls"))) << installation->said;
  EXPECT_TRUE(kit::Eventually([] {
    return Installation::Condition("gatewayroute", "market", "tls", "ResolvedRefs") == "False/RefNotFound";
  }));
  const kit::Certificate first = kit::MakeCertificate({host});
  ASSERT_TRUE(installation->Apply(kit::TlsSecret("market", "tls", first))) << installation->said;
  EXPECT_TRUE(EventuallyShown(host, first));
  const kit::Certificate second = kit::MakeCertificate({host}, kit::KeyKind::kRsa);
  ASSERT_TRUE(installation->Apply(kit::TlsSecret("market", "tls", second))) << installation->said;
  EXPECT_TRUE(EventuallyShown(host, second));
  EXPECT_TRUE(kit::Eventually([] {
    return Installation::Condition("gatewayroute", "market", "tls", "ResolvedRefs") == "True/ResolvedRefs";
  }));
}

TEST_F(Certificates, ASecretThatCannotBeUsedIsToldWithoutItsContent) {
  const kit::Certificate certificate = kit::MakeCertificate({"broken.example"});
  const kit::Certificate other = kit::MakeCertificate({"broken.example"});
  ASSERT_TRUE(installation->Apply(kit::TlsSecret("market", "mixed", {certificate.chain, other.key}) +
                                  "---\n" + TlsRoute("broken-tls", "broken.example", "mixed")))
      << installation->said;
  EXPECT_TRUE(kit::Eventually([] {
    return Installation::Condition("gatewayroute", "market", "broken-tls", "ResolvedRefs") ==
           "False/InvalidCertificateRef";
  }));
  EXPECT_THAT(Installation::ConditionMessage("gatewayroute", "market", "broken-tls", "ResolvedRefs"),
              HasSubstr("its tls.key does not belong to its tls.crt"));
  EXPECT_THAT(installation->ControllerSaid(), testing::Not(HasSubstr("PRIVATE")));
}

TEST_F(Certificates, AConfigMapOfAuthoritiesMendsTheRuleThatWaitsForIt) {
  std::string route = Route("trusting", "trusting.example", "/");
  const size_t port = route.find("port: http}");
  ASSERT_NE(port, std::string::npos) << route;
  route.insert(port + 11, ", protocol: HTTPS, tls: {caCertificateRefs: [{kind: ConfigMap, name: partners}]}");
  ASSERT_TRUE(installation->Apply(route)) << installation->said;
  EXPECT_TRUE(EventuallyServes("trusting.example", "/", 500));
  EXPECT_EQ(Installation::Condition("gatewayroute", "market", "trusting", "ResolvedRefs"),
            "False/RefNotFound");
  ASSERT_TRUE(installation->Apply(kit::AuthorityMap("market", "partners", kit::MakeAuthority("partners"))))
      << installation->said;
  // The upstream there speaks no TLS, and nobody speaks to it in the clear.
  EXPECT_TRUE(EventuallyServes("trusting.example", "/", 502));
  EXPECT_EQ(Installation::Condition("gatewayroute", "market", "trusting", "ResolvedRefs"),
            "True/ResolvedRefs");
}

TEST_F(Certificates, OtherTermsThanAnOlderRoutesAreAConflict) {
  const std::string host = "conflict.example";
  const std::string first = TlsRoute("older", host, "one");
  ASSERT_TRUE(installation->Apply(first)) << installation->said;
  ASSERT_TRUE(kit::Eventually([] {
    return Installation::Condition("gatewayroute", "market", "older", "Accepted") == "True/Accepted";
  }));
  // Ages are whole seconds; within one the name decides, and this one comes behind.
  ASSERT_TRUE(installation->Apply(TlsRoute("younger", host, "two"))) << installation->said;
  EXPECT_TRUE(kit::Eventually([] {
    return Installation::Condition("gatewayroute", "market", "younger", "Accepted") == "False/TLSConflict";
  }));
}

}  // namespace
}  // namespace tollgate::cluster
