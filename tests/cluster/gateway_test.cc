// The main job on real parts: kubectl, kube-apiserver, etcd, the controller, two proxies, two upstreams.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/base/digest.h"
#include "tests/cluster/cluster.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using testing::HasSubstr;

constexpr char kKey[] = "a-key-of-the-plan-gold-0123";
constexpr char kOtherKey[] = "a-key-of-the-plan-other-0123";
constexpr char kHost[] = "api.example.com";

std::string Secret(const std::string& plan, const std::string& consumer, const std::string& key) {
  return R"(
apiVersion: v1
kind: Secret
metadata: {name: )" +
         consumer + ", namespace: market, labels: {tollgate.dev/plan: " + plan + R"(}}
type: tollgate.dev/api-keys
stringData: {)" +
         consumer + ": \"sha256:" + ToHex(AsBytes(Sha256(key))) + "\"}\n---";
}

std::string Plan(const std::string& name, const std::string& more = {}) {
  return R"(
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: )" +
         name + R"(, namespace: market}
spec:
  displayName: )" +
         name + R"(
  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}
)" + more +
         "---";
}

std::string Route(const std::string& name, const std::string& host, const std::string& path,
                  const std::string& service = "quotes", const std::string& space = "market") {
  return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: )" +
         name + ", namespace: " + space + R"(}
spec:
  hosts: [)" +
         host + R"(]
  plans: [{name: gold}]
  rules:
  - name: main
    matches: [{methods: [GET], path: {type: Prefix, value: )" +
         path + R"(}}]
    upstream: {targets: [{type: Service, serviceRef: {name: )" +
         service + R"(, port: http}}]}
---)";
}

// One installation for all: what a test needs of its own has a name of its own.
class Gateway : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation = new Installation;
    ASSERT_TRUE(installation->StartUpstream("one"));
    ASSERT_TRUE(installation->StartUpstream("two"));
    ASSERT_TRUE(installation->StartController()) << installation->ControllerSaid();
    ASSERT_TRUE(installation->StartProxy(1)) << installation->proxy(1).Stderr();
    ASSERT_TRUE(installation->StartProxy(2)) << installation->proxy(2).Stderr();
    ASSERT_TRUE(installation->ApplyService("market", "quotes", {"one"})) << installation->said;
    ASSERT_TRUE(installation->Apply(Plan("gold") + Plan("other") + Secret("gold", "alice", kKey) +
                                    Secret("other", "mallory", kOtherKey) + Route("main", kHost, "/v1")))
        << installation->said;
    ASSERT_TRUE(EventuallyServes(kHost, "/v1/x")) << installation->ControllerSaid();
  }
  static void TearDownTestSuite() { delete installation; }

  static bool EventuallyServes(const std::string& host, const std::string& path, int status = 200) {
    return kit::Eventually(
        [&] {
          return installation->Get(1, host, path, WithKey()).status == status &&
                 installation->Get(2, host, path, WithKey()).status == status;
        },
        std::chrono::seconds(20));
  }
  static std::vector<std::string> WithKey(const std::string& key = kKey) { return {"X-Api-Key: " + key}; }

  static Installation* installation;
};
Installation* Gateway::installation = nullptr;

TEST_F(Gateway, BothProxiesDecideAlike) {
  for (const int proxy : {1, 2}) {
    EXPECT_EQ(installation->Get(proxy, kHost, "/v1/x", WithKey()).status, 200);
    EXPECT_EQ(installation->Get(proxy, kHost, "/v1/x").status, 401);
    EXPECT_EQ(installation->Get(proxy, kHost, "/v1/x", WithKey("no-such-key-no-such-key")).status, 401);
    EXPECT_EQ(installation->Get(proxy, kHost, "/v1/x", WithKey(kOtherKey)).status, 403);
    EXPECT_EQ(installation->Get(proxy, kHost, "/v2", WithKey()).status, 404);
    kit::HttpClient client(Installation::ProxyAddress(proxy), 8080);
    kit::HttpRequest request;
    request.method = "DELETE";
    request.target = "/v1/x";
    request.headers = {std::string("Host: ") + kHost, std::string("X-Api-Key: ") + kKey};
    EXPECT_EQ(client.Send(request).status, 405);
  }
}

TEST_F(Gateway, TheUpstreamSeesTheIdentityAndNotTheKey) {
  const kit::HttpAnswer answer = installation->Get(
      1, kHost, "/v1/x",
      {std::string("X-Api-Key: ") + kKey, "X-Tollgate-Consumer: root", "X-Tollgate-Group: root"});
  const nlohmann::json seen = nlohmann::json::parse(answer.body)["headers"];
  EXPECT_EQ(seen["X-Tollgate-Consumer"], "market/alice");
  EXPECT_EQ(seen["X-Tollgate-Plan"], "market/gold");
  EXPECT_FALSE(seen.contains("X-Api-Key"));
  EXPECT_FALSE(seen.contains("X-Tollgate-Group"));
}

TEST_F(Gateway, ConditionsSayThatItServes) {
  for (const char* type : {"Accepted", "ResolvedRefs", "Programmed"}) {
    EXPECT_TRUE(kit::Eventually([&] {
      return Installation::Condition("gatewayroute", "market", "main", type).starts_with("True/");
    })) << type
        << Kubectl("get gatewayroute -n market main -o yaml").out;
  }
  EXPECT_THAT(Kubectl("get gwr -n market").out, HasSubstr(kHost));
  EXPECT_EQ(Kubectl("get gwr,aplan -n market").code, 0);
}

TEST_F(Gateway, EndpointsMoveWithoutAFailedRequest) {
  ASSERT_TRUE(installation->ApplyService("market", "moving", {"one"}));
  ASSERT_TRUE(installation->Apply(Route("moving", "moving.example", "/", "moving")));
  ASSERT_TRUE(EventuallyServes("moving.example", "/"));
  std::atomic<bool> stop = false;
  std::atomic<int> failed = 0;
  std::thread caller([&] {
    kit::HttpClient client(Installation::ProxyAddress(1), 8080);
    while (!stop) {
      failed +=
          client.Get("/", {"Host: moving.example", std::string("X-Api-Key: ") + kKey}).status == 200 ? 0 : 1;
    }
  });
  const auto began = std::chrono::steady_clock::now();
  for (const char* next : {"two", "one", "two"}) {
    ASSERT_TRUE(installation->ApplyService("market", "moving", {next}));
    EXPECT_TRUE(kit::Eventually(
        [&] { return installation->Get(1, "moving.example", "/", WithKey()).Header("x-upstream") == next; }));
  }
  std::printf("three moves of endpoints, kubectl included: %lld ms\n",
              static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                         std::chrono::steady_clock::now() - began)
                                         .count()));
  stop = true;
  caller.join();
  EXPECT_EQ(failed, 0);
}

TEST_F(Gateway, ARevokedKeyAndAnEditedPlanTakeEffect) {
  ASSERT_TRUE(installation->Apply(Plan("brief") + Secret("brief", "bob", "bobs-key-bobs-key-bobs")));
  std::string route = Route("brief", "brief.example", "/");
  route.replace(route.find("name: gold"), 10, "name: brief");
  ASSERT_TRUE(installation->Apply(route)) << installation->said;
  const auto status = [&] {
    return installation->Get(2, "brief.example", "/", WithKey("bobs-key-bobs-key-bobs")).status;
  };
  ASSERT_TRUE(kit::Eventually([&] { return status() == 200; }));
  ASSERT_TRUE(installation->Apply(Plan("brief", "  allow: {operations: [nothing]}\n")));
  EXPECT_TRUE(kit::Eventually([&] { return status() == 403; }));
  ASSERT_TRUE(installation->Apply(Plan("brief")));
  EXPECT_TRUE(kit::Eventually([&] { return status() == 200; }));
  EXPECT_EQ(Kubectl("delete secret -n market bob").code, 0);
  EXPECT_TRUE(kit::Eventually([&] { return status() == 401; }));
}

TEST_F(Gateway, ADeletedRouteIsGone) {
  ASSERT_TRUE(installation->Apply(Route("brief-life", "gone.example", "/")));
  ASSERT_TRUE(EventuallyServes("gone.example", "/"));
  EXPECT_EQ(Kubectl("delete gatewayroute -n market brief-life").code, 0);
  EXPECT_TRUE(EventuallyServes("gone.example", "/", 404));
}

TEST_F(Gateway, TheApiServerRefusesWhatTheRulesForbid) {
  std::string route = Route("refused", "refused.example", "/");
  route.replace(route.find("  plans:"), 23, "  access: Plans");
  EXPECT_FALSE(installation->Apply(route));
  EXPECT_THAT(installation->said, HasSubstr("plans"));
}

TEST_F(Gateway, ABrokenRuleAnswers500BesideItsSiblings) {
  std::string route = Route("half", "half.example", "/good");
  route.insert(route.rfind("---"), R"(  - name: lost
    matches: [{path: {type: Prefix, value: /lost}}]
    upstream: {targets: [{type: Service, serviceRef: {name: nowhere, port: http}}]}
)");
  ASSERT_TRUE(installation->Apply(route)) << installation->said;
  EXPECT_TRUE(EventuallyServes("half.example", "/good"));
  EXPECT_TRUE(EventuallyServes("half.example", "/lost", 500));
  EXPECT_TRUE(kit::Eventually([&] {
    return Installation::Condition("gatewayroute", "market", "half", "ResolvedRefs") == "False/RefNotFound";
  }));
}

TEST_F(Gateway, AnUnknownPlanRefusesEveryone) {
  std::string route = Route("planless", "planless.example", "/");
  route.replace(route.find("name: gold"), 10, "name: none");
  ASSERT_TRUE(installation->Apply(route));
  EXPECT_TRUE(EventuallyServes("planless.example", "/", 500));
  EXPECT_TRUE(kit::Eventually([&] {
    return Installation::Condition("gatewayroute", "market", "planless", "ResolvedRefs") ==
           "False/RefNotFound";
  }));
}

TEST_F(Gateway, ASecondNamespaceIsRefusedTheHost) {
  ASSERT_TRUE(installation->Apply(Route("thief", kHost, "/stolen", "quotes", "other"))) << installation->said;
  EXPECT_TRUE(kit::Eventually([&] {
    return Installation::Condition("gatewayroute", "other", "thief", "Accepted") == "False/HostClaimed";
  }));
  EXPECT_EQ(installation->Get(1, kHost, "/stolen", WithKey()).status, 404);
}

TEST_F(Gateway, TheControllersDeathChangesNoRequestAndEditsArriveAfter) {
  installation->controller().Signal(SIGKILL);
  installation->controller().Wait();
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(installation->Get(1 + i % 2, kHost, "/v1/x", WithKey()).status, 200);
  }
  ASSERT_TRUE(installation->Apply(Route("meanwhile", "meanwhile.example", "/")));
  ASSERT_TRUE(installation->StartController()) << installation->ControllerSaid();
  EXPECT_TRUE(EventuallyServes("meanwhile.example", "/"));
}

TEST_F(Gateway, TheControllerEndsCleanlyWhenTold) {
  installation->controller().Signal(SIGTERM);
  EXPECT_EQ(installation->controller().Wait(), 0) << installation->ControllerSaid();
  ASSERT_TRUE(installation->StartController()) << installation->ControllerSaid();
}

TEST_F(Gateway, AProxyServesFromItsJournalWithoutAController) {
  installation->controller().Signal(SIGKILL);
  installation->controller().Wait();
  installation->proxy(1).Signal(SIGKILL);
  installation->proxy(1).Wait();
  EXPECT_EQ(installation->Get(2, kHost, "/v1/x", WithKey()).status, 200);
  ASSERT_TRUE(installation->StartProxy(1)) << installation->proxy(1).Stderr();
  EXPECT_TRUE(kit::Eventually([&] { return installation->Ready(1); }));
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x", WithKey()).status, 200);
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x").status, 401);
  ASSERT_TRUE(installation->StartController());
}

TEST_F(Gateway, TheApiServersDeathChangesNoRequest) {
  EXPECT_EQ(std::system((kit::SourcePath("hack/kubernetes.sh") + " kill-apiserver").c_str()), 0);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(installation->Get(1 + i % 2, kHost, "/v1/x", WithKey()).status, 200);
  }
  EXPECT_EQ(std::system((kit::SourcePath("hack/kubernetes.sh") + " start-apiserver").c_str()), 0);
  ASSERT_TRUE(installation->Apply(Route("after", "after.example", "/"))) << installation->said;
  EXPECT_TRUE(EventuallyServes("after.example", "/")) << installation->ControllerSaid();
}

TEST_F(Gateway, MetricsOfBothAreAsPromtoolWantsThem) {
  for (const std::string& address : {std::string("10.250.0.10"), Installation::ProxyAddress(2)}) {
    const std::string command = "curl -s http://" + address + ":9090/metrics | promtool check metrics >&2";
    EXPECT_EQ(std::system(command.c_str()), 0) << address;
  }
}

}  // namespace
}  // namespace tollgate::cluster
