// The main job on real parts: kubectl, kube-apiserver, etcd, the controller, two proxies, two upstreams.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using testing::HasSubstr;

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

// Milliseconds from the end of a kubectl command until both proxies answer so.
double UntilBothAnswer(const std::function<bool()>& both) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(kit::Eventually(both));
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

TEST_F(Gateway, ARevokedKeyAndAnEditedPlanTakeEffect) {
  const std::string key = "bobs-key-bobs-key-bobs";
  ASSERT_TRUE(installation->Apply(Plan("brief") + Secret("brief", "bob", key) +
                                  Route("brief", "brief.example", "/", "quotes", "market", "brief")))
      << installation->said;
  const auto both = [&](int status) {
    return [=] {
      return installation->Get(1, "brief.example", "/", WithKey(key)).status == status &&
             installation->Get(2, "brief.example", "/", WithKey(key)).status == status;
    };
  };
  ASSERT_TRUE(kit::Eventually(both(200)));
  ASSERT_TRUE(installation->Apply(Plan("brief", "  allow: {operations: [nothing]}\n")));
  const double narrowed = UntilBothAnswer(both(403));
  ASSERT_TRUE(installation->Apply(Plan("brief")));
  const double widened = UntilBothAnswer(both(200));
  EXPECT_EQ(Kubectl("delete secret -n market bob").code, 0);
  const double revoked = UntilBothAnswer(both(401));
  std::printf("after kubectl: plan narrowed %.0f ms, widened %.0f ms, key revoked %.0f ms\n", narrowed,
              widened, revoked);
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

TEST_F(Gateway, MetricsOfBothAreAsPromtoolWantsThem) {
  for (const std::string& address : {std::string("10.250.0.10"), Installation::ProxyAddress(2)}) {
    const std::string command = "curl -s http://" + address + ":9090/metrics | promtool check metrics >&2";
    EXPECT_EQ(std::system(command.c_str()), 0) << address;
  }
}

}  // namespace
}  // namespace tollgate::cluster
