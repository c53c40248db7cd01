// Targets outside the cluster, by their URLs.
#include "controller/resource/target_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/resource/gateway_route.h"
#include "controller/resource/parse.h"
#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

GatewayRoute RouteTo(const std::string& url) {
  return ParseOne<GatewayRoute>(
      "apiVersion: tollgate.dev/v1alpha1\nkind: GatewayRoute\nmetadata: {name: a, namespace: b}\n"
      "spec: {access: Public, rules: [{name: all, upstream: {targets: [{type: URL, url: \"" +
      url + "\"}]}}]}\n");
}

TEST(TargetUrl, SchemeHostAndPortAreRead) {
  EXPECT_EQ(ReadTargetUrl("https://legacy.example.net"), (TargetUrl{true, "legacy.example.net", 443}));
  EXPECT_EQ(ReadTargetUrl("http://legacy.example.net"), (TargetUrl{false, "legacy.example.net", 80}));
  EXPECT_EQ(ReadTargetUrl("http://legacy:65535"), (TargetUrl{false, "legacy", 65535}));
  EXPECT_EQ(ReadTargetUrl("https://[2001:db8::1]:8443"), (TargetUrl{true, "2001:db8::1", 8443}));
  for (const char* text : {"https://", "https://a.example/", "https://[::1", "https://[::::]", "http://a:0",
                           "http://a:65536", "https://a\nb", "https://-a.example"}) {
    EXPECT_EQ(ReadTargetUrl(text), std::nullopt) << text;
  }
}

TEST(TargetUrl, TheAuthorityHasThePortWhereItIsNotTheSchemesOwn) {
  EXPECT_EQ(ReadTargetUrl("https://a.example:443")->Authority(), "a.example");
  EXPECT_EQ(ReadTargetUrl("https://a.example:80")->Authority(), "a.example:80");
  EXPECT_EQ(ReadTargetUrl("http://[::1]:81")->Authority(), "[::1]:81");
  EXPECT_EQ(ReadTargetUrl("https://a.example")->ToString(), "https://a.example:443");
}

TEST(TargetUrl, ItsSchemeIsItsProtocol) {
  const GatewayRoute secure = RouteTo("https://a.example");
  EXPECT_EQ(secure.rules[0].targets[0].url, (TargetUrl{true, "a.example", 443}));
  EXPECT_EQ(secure.rules[0].targets[0].protocol, Protocol::kHttps);
  EXPECT_EQ(RouteTo("http://a.example").rules[0].targets[0].protocol, Protocol::kHttp);
}

// The CRD's words on a cluster; the owner of a machine's files may name the machine.
TEST(TargetUrl, FilesAloneMayNameWhatIsInside) {
  for (const char* url :
       {"http://127.0.0.1:80", "https://[::1]", "http://localhost:8080", "http://a.localhost",
        "http://a.b.svc", "https://svc", "https://a.b.svc.cluster.local", "http://10.1", "http://0x7f000001",
        "http://2130706433"}) {
    EXPECT_TRUE(RouteTo(url).rules[0].mistakes.empty()) << url;
    const GatewayRoute route = ParseGatewayRoute(
        {{"apiVersion", "tollgate.dev/v1alpha1"},
         {"kind", "GatewayRoute"},
         {"metadata", {{"name", "a"}, {"namespace", "b"}}},
         {"spec",
          {{"access", "Public"},
           {"rules", {{{"name", "all"}, {"upstream", {{"targets", {{{"type", "URL"}, {"url", url}}}}}}}}}}}});
    ASSERT_EQ(route.rules[0].mistakes.size(), 1U) << url;
    EXPECT_EQ(route.rules[0].mistakes[0].field, "spec.rules[0].upstream.targets[0].url");
    EXPECT_EQ(route.rules[0].mistakes[0].message, kOutsideTheCluster);
  }
  EXPECT_TRUE(UrlIsOutsideTheCluster("https://10.0.0.1.example").empty());
  EXPECT_TRUE(UrlIsOutsideTheCluster("https://localhost.example:1").empty());
  EXPECT_TRUE(UrlIsOutsideTheCluster("https://notsvc").empty());
}

}  // namespace
}  // namespace tollgate::resource
