// Under which terms hosts are served over TLS.
#include "proxy/tls/tls_table.h"

#include <gtest/gtest.h>

#include "tests/kit/certificate.h"
#include "tests/kit/snapshot_builder.h"

namespace tollgate::tls {
namespace {

constexpr int64_t kNow = 1'000;

class TlsTableTest : public ::testing::Test {
 protected:
  api::Tls& Route(const std::string& name, std::initializer_list<const char*> hosts,
                  std::initializer_list<const char*> certificates) {
    api::Route& route = builder_.Route(name);
    for (const char* host : hosts) route.add_hosts(host);
    api::Tls& tls = *route.mutable_tls();
    tls.set_min_version(api::Tls::TLS_1_2);
    for (const char* certificate : certificates) tls.add_certificates(certificate);
    return tls;
  }
  api::Certificate& Certificate(const std::string& name, std::initializer_list<const char*> names,
                                int64_t expires = kNow + 1) {
    static const kit::Certificate pair = kit::MakeCertificate({"a.example"});
    api::Certificate& certificate = builder_.Certificate(name, names, expires);
    certificate.set_chain(pair.chain);
    certificate.set_key(pair.key);
    return certificate;
  }
  TlsTable Build() { return TlsTable(*builder_.Build(), book_, kNow); }
  static std::string IdentityOf(const TlsTable& table, std::string_view host) {
    const HostTerms* terms = table.Find(host);
    return terms == nullptr ? "none" : terms->identity;
  }

  kit::SnapshotBuilder builder_;
  TermsBook book_;
};

TEST_F(TlsTableTest, ExactBeforeLongestWildcard) {
  for (const char* name : {"m/exact", "m/short", "m/long"}) Certificate(name, {"a.example"});
  Route("m/a", {"x.a.example"}, {"m/exact"});
  Route("m/b", {"*.example"}, {"m/short"});
  Route("m/c", {"*.a.example"}, {"m/long"});
  const TlsTable table = Build();
  EXPECT_EQ(IdentityOf(table, "x.a.example"), "1 m/exact");
  EXPECT_EQ(IdentityOf(table, "y.a.example"), "1 m/long");
  EXPECT_EQ(IdentityOf(table, "z.y.a.example"), "1 m/long");
  EXPECT_EQ(IdentityOf(table, "a.example"), "1 m/short");
  EXPECT_EQ(IdentityOf(table, "example"), "none");
  EXPECT_EQ(IdentityOf(table, ""), "none");
}

TEST_F(TlsTableTest, HowCallersAreAskedIsPartOfTheTerms) {
  Certificate("m/c", {"a.example"});
  const kit::Certificate authority = kit::MakeAuthority("ours");
  Route("m/a", {"a.example"}, {"m/c"});
  api::ClientCertificate& asked = *Route("m/b", {"b.example"}, {"m/c"}).mutable_client_certificate();
  asked.set_authorities(authority.chain);
  TlsTable table = Build();
  EXPECT_EQ(table.Find("a.example")->callers, "");
  const HostTerms requested = *table.Find("b.example");
  EXPECT_NE(requested.terms, nullptr);
  EXPECT_NE(requested.identity, table.Find("a.example")->identity);
  asked.set_required(true);
  table = Build();
  EXPECT_NE(table.Find("b.example")->callers, requested.callers);
  EXPECT_NE(table.Find("b.example")->identity, requested.identity);
  asked.set_authorities(kit::MakeAuthority("theirs").chain);
  EXPECT_NE(Build().Find("b.example")->callers, table.Find("b.example")->callers);
}

TEST_F(TlsTableTest, CallersWhoCannotBeJudgedAreRefused) {
  Certificate("m/c", {"a.example"});
  (void)Route("m/a", {"a.example"}, {"m/c"}).mutable_client_certificate();
  EXPECT_EQ(Build().Show("a.example", kNow), nullptr);
}

TEST_F(TlsTableTest, WithoutHostsEveryName) {
  Certificate("m/c", {"a.example"});
  Route("m/a", {}, {"m/c"});
  const TlsTable table = Build();
  EXPECT_NE(table.Show("any.example", kNow), nullptr);
  EXPECT_NE(table.Show("", kNow), nullptr);
}

TEST_F(TlsTableTest, ARouteWithoutTermsGivesNone) {
  builder_.Route("m/a").add_hosts("a.example");
  EXPECT_EQ(Build().Find("a.example"), nullptr);
}

TEST_F(TlsTableTest, WithoutCertificatesNothingIsShown) {
  Route("m/a", {"a.example"}, {});
  const TlsTable table = Build();
  EXPECT_NE(table.Find("a.example"), nullptr);
  EXPECT_EQ(table.Show("a.example", kNow), nullptr);
}

TEST_F(TlsTableTest, AnExpiredCertificateIsNotShown) {
  Certificate("m/c", {"a.example"}, kNow + 10);
  Route("m/a", {"a.example"}, {"m/c"});
  const TlsTable table = Build();
  EXPECT_NE(table.Show("a.example", kNow + 9), nullptr);
  EXPECT_EQ(table.Show("a.example", kNow + 10), nullptr);
}

TEST_F(TlsTableTest, ACertificateThatOpensslRefusesConcernsItsHostsAlone) {
  Certificate("m/bad", {"a.example"}).set_key("no key");
  Certificate("m/good", {"b.example"});
  Route("m/a", {"a.example"}, {"m/bad"});
  Route("m/b", {"b.example"}, {"m/good"});
  const TlsTable table = Build();
  EXPECT_EQ(table.Show("a.example", kNow), nullptr);
  EXPECT_NE(table.Show("b.example", kNow), nullptr);
}

TEST_F(TlsTableTest, TermsThatDidNotChangeAreTheSameInTheNext) {
  Certificate("m/c", {"a.example"});
  Certificate("m/d", {"b.example"});
  Route("m/a", {"a.example"}, {"m/c"});
  Route("m/b", {"b.example"}, {"m/d"});
  const TlsTable before = Build();
  Certificate("m/d", {"b.example", "c.example"});
  const TlsTable after = Build();
  EXPECT_EQ(before.Show("a.example", kNow), after.Show("a.example", kNow));
  EXPECT_NE(before.Show("b.example", kNow), after.Show("b.example", kNow));
}

TEST_F(TlsTableTest, RedirectsAreKnownOf) {
  Certificate("m/c", {"a.example"});
  api::Tls& tls = Route("m/a", {"a.example"}, {"m/c"});
  EXPECT_FALSE(Build().redirects());
  tls.set_redirect_plain_http(true);
  const TlsTable table = Build();
  EXPECT_TRUE(table.redirects());
  EXPECT_TRUE(table.Find("a.example")->redirect_plain_http);
}

}  // namespace
}  // namespace tollgate::tls
