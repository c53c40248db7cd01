// Whether a request came by the way that its host is served on.
#include "proxy/tls/entrance.h"

#include <gtest/gtest.h>

#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::tls {
namespace {

class EntranceTest : public ::testing::Test {
 protected:
  EntranceTest() {
    builder_.Certificate("m/a", {"a.example"}, 2'000);
    builder_.Certificate("m/b", {"b.example"}, 2'000);
    Route("m/a", {"a.example", "sibling.example"}, "m/a").set_redirect_plain_http(true);
    Route("m/b", {"b.example"}, "m/b");
    builder_.Route("m/plain").add_hosts("plain.example");
  }
  api::Tls& Route(const std::string& name, std::initializer_list<const char*> hosts,
                  const char* certificate) {
    api::Route& route = builder_.Route(name);
    for (const char* host : hosts) route.add_hosts(host);
    route.mutable_tls()->add_certificates(certificate);
    return *route.mutable_tls();
  }

  // "open", "leads to TLS", or the reason of a refusal.
  std::string Plain(std::string_view target, std::string_view host) { return Judge(target, host, nullptr); }
  std::string Over(const std::string& server_name, std::string_view target, std::string_view host,
                   const std::string& callers = "") {
    const exchange::Transport transport{true, server_name, callers};
    return Judge(target, host, &transport);
  }

  std::string CallersAt(std::string_view host) {
    return TlsTable(*builder_.Build(), book_, 1'000).Find(host)->callers;
  }

 private:
  std::string Judge(std::string_view target, std::string_view host, const exchange::Transport* transport) {
    const TlsTable table(*builder_.Build(), book_, 1'000);
    const std::string lines = host.empty() ? "" : "Host: " + std::string(host) + "\r\n";
    kit::TestExchange x("GET", target, lines, host.empty() ? 0 : 1, "192.0.2.7",
                        transport == nullptr ? exchange::kPlainTransport : *transport);
    const exchange::Outcome<Entrance> entrance = Enter(table, *x);
    if (!entrance.ok()) {
      const std::string_view slug = exchange::RowOf(entrance.error().problem).slug;
      return std::string(slug) + " " + std::string(entrance.error().reason);
    }
    return *entrance == Entrance::kOpen ? "open" : "leads to TLS";
  }

  kit::SnapshotBuilder builder_;
  TermsBook book_;
};

TEST_F(EntranceTest, WhatComesWithoutTlsIsLedToItWhereItsHostWantsThat) {
  EXPECT_EQ(Plain("/", "a.example"), "leads to TLS");
  EXPECT_EQ(Plain("/", "sibling.example"), "leads to TLS");
  EXPECT_EQ(Plain("http://a.example/", "plain.example"), "leads to TLS");
  EXPECT_EQ(Plain("/", "b.example"), "open");
  EXPECT_EQ(Plain("/", "plain.example"), "open");
}

TEST_F(EntranceTest, TheHostOfTheHandshakeIsOpen) {
  EXPECT_EQ(Over("a.example", "/", "a.example"), "open");
  EXPECT_EQ(Over("b.example", "/", "b.example:8443"), "open");
}

TEST_F(EntranceTest, HostsWithTheSameTermsShareAConnection) {
  EXPECT_EQ(Over("a.example", "/", "sibling.example"), "open");
}

TEST_F(EntranceTest, AHostWithOtherTermsIsMisdirected) {
  EXPECT_EQ(Over("a.example", "/", "b.example"), "misdirected other-host");
  EXPECT_EQ(Over("a.example", "/", "plain.example"), "misdirected other-host");
  EXPECT_EQ(Over("a.example", "/", "nobody.example"), "misdirected other-host");
}

TEST_F(EntranceTest, AConnectionThatWasOpenedBeforeCallersWereAskedIsMisdirected) {
  Route("m/c", {"c.example"}, "m/a").mutable_client_certificate()->set_authorities("ours");
  EXPECT_EQ(Over("c.example", "/", "c.example"), "misdirected other-callers");
  EXPECT_EQ(Over("c.example", "/", "c.example", CallersAt("c.example")), "open");
  EXPECT_EQ(Over("a.example", "/", "c.example"), "misdirected other-host");
  // Nobody is asked there any more.
  EXPECT_EQ(Over("a.example", "/", "a.example", "required before"), "open");
}

TEST_F(EntranceTest, ATargetOfTheOtherSchemeIsMisdirected) {
  EXPECT_EQ(Over("a.example", "http://a.example/", "a.example"), "misdirected other-scheme");
  EXPECT_EQ(Over("a.example", "https://a.example/", "a.example"), "open");
  EXPECT_EQ(Plain("https://b.example/", "b.example"), "misdirected other-scheme");
}

TEST_F(EntranceTest, AProxyInFrontMayHaveEndedTheTlsOfAPlainHost) {
  EXPECT_EQ(Plain("https://plain.example/", "plain.example"), "open");
}

}  // namespace
}  // namespace tollgate::tls
