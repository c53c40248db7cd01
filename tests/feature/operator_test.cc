// What those who operate a gateway can see of it and make it do, at the admin port.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/feature/limited_plan.h"
#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/shell.h"

namespace tollgate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kEdgeToken[] = "the-token-of-the-edge-and-nobody-else";
constexpr char kPassword[] = "Basic dXBzdHJlYW06cGFzc3dvcmQ";
constexpr char kPassphrase[] = "a-passphrase-that-a-match-asks-for";

class Operators : public testing::Test {
 protected:
  Operators() { gateway_.WriteService("test", "upstream", upstream_.port()); }
  void Start(const std::vector<std::string>& flags = {"--admin-address=127.0.0.1:0"}) {
    ASSERT_TRUE(gateway_.Start(flags)) << gateway_.Stderr();
  }
  nlohmann::json Page(const std::string& path) {
    const kit::HttpAnswer answer = kit::HttpClient(gateway_.admin_port()).Get(path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return nlohmann::json::parse(answer.body, nullptr, false);
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

// One with everything in it that is somebody's secret.
class OperatorsSecrets : public Operators {
 protected:
  OperatorsSecrets() {
    std::string plan = LimitedPlan("");
    plan.insert(plan.find("  hosts: [a.example]"),
                "  security: {edgeToken: {header: X-Edge-Token, secretRef: {name: edge, key: token}}}\n"
                "  tls: {certificateRefs: [{name: mine}], clientCertificate: {mode: Request, "
                "caCertificateRefs: [{kind: Secret, name: mine}]}}\n");
    plan.replace(plan.find("rules: [{name: all, "), 20,
                 std::string("rules: [{name: all, matches: [{headers: [{name: X-Passphrase, value: ") +
                     kPassphrase + "}]}], request: {headers: {set: [{name: Authorization, value: '" +
                     kPassword + "'}]}}, ");
    gateway_.Write("plan.yaml", plan)
        .Write("edge.yaml", std::string("apiVersion: v1\nkind: Secret\nmetadata: {name: edge, namespace: "
                                        "test}\ntype: Opaque\nstringData: {token: ") +
                                kEdgeToken + "}\n")
        .Write("mine.yaml", kit::TlsSecret("test", "mine", mine_, mine_.chain));
  }

  const kit::Certificate mine_ = kit::MakeCertificate({"a.example"});
};

// A secret as it is, and as others would write it.
std::vector<std::string> FormsOf(const std::string& secret) {
  const std::string digest(AsBytes(Sha256(secret)));
  const std::string base64 = kit::Shell("base64 -w0", secret).out,
                    digest64 = kit::Shell("base64 -w0", digest).out;
  return {secret, ToHex(secret), base64, ToHex(digest), digest64, digest};
}

TEST_F(OperatorsSecrets, AppearOnNoPage) {
  Start();
  std::string all;
  for (const char* path : {"/config_dump", "/clusters", "/connections"}) {
    all += kit::HttpClient(gateway_.admin_port()).Get(path).body;
  }
  const std::string key = mine_.key.substr(mine_.key.find('\n') + 1, 60);  // its first line
  for (const std::string& secret :
       std::vector<std::string>{kLimitedKey, kEdgeToken, kPassword, kPassphrase, key}) {
    for (const std::string& form : FormsOf(secret)) EXPECT_THAT(all, Not(HasSubstr(form)));
  }
  EXPECT_THAT(all, Not(HasSubstr("PRIVATE KEY")));
  for (const char* shown : {"test/limited", "test/plan", "test/caller", "Authorization", "x-edge-token",
                            "x-passphrase", "a.example", "BEGIN CERTIFICATE"}) {
    EXPECT_THAT(all, HasSubstr(shown));
  }
}

TEST_F(Operators, ClustersShowHowEveryEndpointIs) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  Start();
  EXPECT_EQ(kit::HttpClient(gateway_.port()).Get("/", {"Host: a.example"}).status, 200);
  const nlohmann::json upstream = Page("/clusters")["upstreams"][0];
  EXPECT_EQ(upstream["upstream"], "test/upstream:http");
  const nlohmann::json& endpoint = upstream["endpoints"][0];
  EXPECT_EQ(endpoint["endpoint"], "127.0.0.1:" + std::to_string(upstream_.port()));
  EXPECT_EQ(endpoint["state"], "ready");
  EXPECT_EQ(endpoint["connections"], 1);
  // The caller has its answer a moment before the request has ended.
  EXPECT_TRUE(kit::Eventually(
      [this] { return Page("/clusters")["upstreams"][0]["endpoints"][0]["activeRequests"] == 0; }));
}

TEST_F(Operators, ClustersCountWhatIsUnderWay) {
  upstream_.SetAnswer("");
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  Start();
  kit::RawClient stuck(gateway_.port());
  stuck.Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(kit::Eventually([this] { return upstream_.Complete().size() == 1; }));
  EXPECT_EQ(Page("/clusters")["upstreams"][0]["endpoints"][0]["activeRequests"], 1);
}

TEST_F(Operators, ClustersShowWhoIsEjectedAndForHowLong) {
  upstream_.StopListening();
  std::string route = kit::PublicRoute("a.example");
  route.replace(
      route.find("upstream: {targets"), 11,
      "upstream: {health: {passive: {consecutiveFailures: 1, ejectFor: 1h, maxEjectedPercent: 100}}, ");
  gateway_.Write("route.yaml", route);
  Start();
  EXPECT_GE(kit::HttpClient(gateway_.port()).Get("/", {"Host: a.example"}).status, 502);
  const nlohmann::json endpoint = Page("/clusters")["upstreams"][0]["endpoints"][0];
  EXPECT_EQ(endpoint["state"], "ejected");
  EXPECT_GT(endpoint["ejectedForMs"], 0);
}

TEST_F(Operators, ConnectionsAreCountedByCoreAndProtocol) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  Start({"--admin-address=127.0.0.1:0", "--threads=1"});
  kit::HttpClient http1(gateway_.port());
  EXPECT_EQ(http1.Get("/", {"Host: a.example"}).status, 200);
  kit::RawClient http2(gateway_.port());
  http2.Send(std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string("\0\0\0\4\0\0\0\0\0", 9));
  const kit::RawClient silent(gateway_.https_port());
  const auto callers = [this] { return Page("/connections")["cores"][0]["callers"]; };
  EXPECT_TRUE(kit::Eventually([&] { return callers()["open"] == 3 && callers()["http2"] == 1; }))
      << callers().dump();
  EXPECT_EQ(callers()["http1"], 1);
  EXPECT_EQ(callers()["beginning"], 1) << "whose handshake has not come";
  const auto pools = [this] { return Page("/connections")["cores"][0]["upstreams"]; };
  ASSERT_TRUE(kit::Eventually([&] { return pools().size() == 1 && pools()[0]["idle"] == 1; })) << pools();
  EXPECT_EQ(pools()[0]["endpoint"], "127.0.0.1:" + std::to_string(upstream_.port()));
}

TEST_F(Operators, DrainEndsTheProcessAsASignalDoes) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  Start({"--admin-address=127.0.0.1:0", "--drain-grace=1h"});
  kit::HttpRequest drain;
  drain.target = "/drain";
  EXPECT_EQ(kit::HttpClient(gateway_.admin_port()).Send(drain).status, 405);
  drain.method = "POST";
  EXPECT_EQ(kit::HttpClient(gateway_.admin_port()).Send(drain).status, 202);
  EXPECT_TRUE(kit::Eventually(
      [this] { return kit::HttpClient(gateway_.metrics_port()).Get("/readyz").status == 503; }));
  EXPECT_EQ(kit::HttpClient(gateway_.port()).Get("/", {"Host: a.example"}).status, 200) << "the grace";
  kit::HttpClient(gateway_.admin_port()).Send(drain);  // again: at once
  EXPECT_EQ(gateway_.process().Wait(), 0) << gateway_.Stderr();
}

TEST_F(Operators, TheAdminPortAndSocketAreTakenOver) {
  const kit::TempFolder folder;
  const std::vector<std::string> flags = {"--admin-address=127.0.0.1:0",
                                          "--admin-socket=" + (folder / "admin"),
                                          "--takeover-socket=" + (folder / "takeover")};
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  Start(flags);
  const int port = gateway_.admin_port();
  const std::unique_ptr<kit::Process> before = gateway_.Succeed(flags);
  EXPECT_EQ(gateway_.admin_port(), port) << gateway_.Stderr();
  EXPECT_EQ(before->Wait(), 0) << before->Stderr();
  EXPECT_TRUE(Page("/config_dump").contains("routes"));
  const std::string asked = "curl -s --unix-socket " + (folder / "admin") + " http://localhost/clusters";
  EXPECT_THAT(kit::Shell(asked).out, HasSubstr("test/upstream"));
}

}  // namespace
}  // namespace tollgate
