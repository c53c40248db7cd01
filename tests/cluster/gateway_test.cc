// The main job on real parts: kubectl, kube-apiserver, etcd, the controller, two proxies, two upstreams.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kCarolsKey[] = "a-key-of-carol-0123456789";

// What a caller sends, and what it is told.
struct Decision {
  std::string method;
  std::string target;
  std::string key;
  int status;
  std::string problem;
};

TEST_F(Gateway, BothProxiesDecideAlike) {
  const std::vector<Decision> decisions = {
      {"GET", "/v1/x", kKey, 200, ""},
      {"GET", "/v1/x", "", 401, "no-credential"},
      {"GET", "/v1/x", "no-such-key-no-such-key", 401, "credential-refused"},
      {"GET", "/v1/x", kOtherKey, 403, "not-on-plan"},
      {"GET", "/v2", kKey, 404, "no-route"},
      {"DELETE", "/v1/x", kKey, 405, "method-not-allowed"}};
  for (const int proxy : {1, 2}) {
    for (const Decision& wanted : decisions) {
      SCOPED_TRACE(wanted.method + " " + wanted.target + " of proxy " + std::to_string(proxy));
      const auto headers = wanted.key.empty() ? std::vector<std::string>() : WithKey(wanted.key);
      const kit::HttpAnswer answer = installation->Send(proxy, wanted.method, kHost, wanted.target, headers);
      EXPECT_EQ(answer.status, wanted.status) << answer.body;
      EXPECT_EQ(answer.Header("allow"), wanted.status == 405 ? "GET" : "");
      EXPECT_EQ(answer.Header("www-authenticate").empty(), wanted.status != 401);
      if (wanted.status == 200) continue;
      EXPECT_EQ(answer.Header("content-type"), "application/problem+json");
      EXPECT_EQ(nlohmann::json::parse(answer.body, nullptr, false).value("type", ""),
                "https://tollgate.dev/problems/" + wanted.problem);
    }
  }
}

TEST_F(Gateway, TheUpstreamSeesTheIdentityAndNotTheKey) {
  ASSERT_TRUE(installation->Apply(
      Plan("anywhere", "",
           "{type: Header, name: X-Api-Key}, {type: Query, name: key}, {type: Cookie, name: key}") +
      Secret("anywhere", "carol", kCarolsKey) +
      Route("anywhere", "anywhere.example", "/", "quotes", "market", "anywhere")))
      << installation->said;
  ASSERT_TRUE(EventuallyServes("anywhere.example", "/", 200, kCarolsKey));
  const std::string key = kCarolsKey;
  const std::vector<std::string> forged = {"X-Tollgate-Consumer: forged", "X-Tollgate-Plan: forged",
                                           "X-Tollgate-Operation: forged", "X-Tollgate-Group: forged",
                                           "x_tollgate_consumer: forged"};
  for (const int proxy : {1, 2}) {
    for (const auto& [target, header] :
         std::vector<std::pair<std::string, std::string>>{{"/header", "X-Api-Key: " + key},
                                                          {"/query?key=" + key, "A: b"},
                                                          {"/cookie", "Cookie: key=" + key}}) {
      SCOPED_TRACE(target + " of proxy " + std::to_string(proxy));
      std::vector<std::string> headers = forged;
      headers.push_back(header);
      const kit::HttpAnswer answer = installation->Get(proxy, "anywhere.example", target, headers);
      ASSERT_EQ(answer.status, 200) << answer.body;
      const nlohmann::json seen = nlohmann::json::parse(answer.body)["headers"];
      EXPECT_EQ(seen.value("X-Tollgate-Consumer", ""), "market/carol");
      EXPECT_EQ(seen.value("X-Tollgate-Plan", ""), "market/anywhere");
      EXPECT_EQ(seen.value("X-Tollgate-Operation", ""), "main");
      EXPECT_FALSE(seen.contains("X-Tollgate-Group"));
      EXPECT_THAT(answer.body, Not(HasSubstr("forged")));
      EXPECT_THAT(answer.body, Not(HasSubstr(key)));
    }
    EXPECT_THAT(installation->AccessLog(proxy), Not(HasSubstr(key)));
  }
  const std::string log = installation->UpstreamLog("one");
  EXPECT_THAT(log, HasSubstr("market/carol"));
  EXPECT_THAT(log, Not(HasSubstr(key)));
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

}  // namespace
}  // namespace tollgate::cluster
