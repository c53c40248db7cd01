// What the programs of a whole installation count: compared with what was sent, and with what kubectl shows.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cluster/gateway_case.h"
#include "tests/cluster/metrics_page.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using testing::HasSubstr;

class ClusterMetrics : public Gateway {
 protected:
  static MetricsPage PageOf(int proxy) { return MetricsPage(Installation::ProxyAddress(proxy)); }

  // The page of a proxy once it has counted all that it answered, which is done when an answer has left.
  static MetricsPage Settled(int proxy) {
    const double answered = installation->Answers(proxy);
    EXPECT_TRUE(kit::Eventually([&] {
      return PageOf(proxy).Total("tollgate_proxy_requests_total") == answered;
    })) << "answered "
        << answered << "\n"
        << PageOf(proxy).text();
    return PageOf(proxy);
  }
};

TEST_F(ClusterMetrics, PromtoolFindsNothingToMend) {
  const std::vector<std::pair<std::string, std::string>> known = {
      {Installation::kControllerAddress, "tollgate_controller_objects{"},
      {Installation::ProxyAddress(1), "tollgate_proxy_requests_total{"},
      {Installation::ProxyAddress(2), "tollgate_proxy_requests_total{"}};
  for (const auto& [address, series] : known) {
    const MetricsPage page(address);
    EXPECT_EQ(page.status(), 200) << address;
    EXPECT_THAT(page.text(), HasSubstr(series)) << address;
    EXPECT_EQ(page.Complaints(), "") << address;
  }
}

// A kind of request, how often it is sent, and the series that count it.
struct Sent {
  int count;
  std::string method;
  std::string target;
  std::string key;
  std::string requests;  // labels of tollgate_proxy_requests_total
  std::string refusals;  // the reason that tollgate_proxy_refusals_total has
};

const std::string kServedHere = "route=\"market/main\",rule=\"main\"";
const std::vector<Sent> kMix = {
    {11, "GET", "/v1/x", kKey, kServedHere + ",plan=\"market/gold\",code=\"200\",source=\"upstream\"", ""},
    {7, "GET", "/v1/x", "", kServedHere + ",plan=\"\",code=\"401\",source=\"gateway\"", "no-credential"},
    {6, "GET", "/v1/x", "nobodys-key-nobodys-key", kServedHere + ",plan=\"\",code=\"401\",source=\"gateway\"",
     "credential-refused"},
    {5, "GET", "/v1/x", kOtherKey, kServedHere + ",plan=\"\",code=\"403\",source=\"gateway\"", "not-on-plan"},
    {4, "GET", "/v2", kKey, "route=\"\",rule=\"\",plan=\"\",code=\"404\",source=\"gateway\"", "no-route"},
    {3, "DELETE", "/v1/x", kKey, "route=\"\",rule=\"\",plan=\"\",code=\"405\",source=\"gateway\"",
     "method-not-allowed"}};

// How much each series of the mix must grow by.
std::map<std::string, double> Expected() {
  std::map<std::string, double> expected;
  for (const Sent& sent : kMix) {
    expected["tollgate_proxy_requests_total{" + sent.requests + "}"] += sent.count;
    if (sent.refusals.empty()) continue;
    expected["tollgate_proxy_refusals_total{reason=\"" + sent.refusals + "\"}"] += sent.count;
  }
  return expected;
}

TEST_F(ClusterMetrics, CountersOfEachProxyEqualWhatItsCallersSent) {
  for (const int proxy : {1, 2}) {
    const MetricsPage before = Settled(proxy);
    int all = 0;
    for (const Sent& sent : kMix) {
      const auto headers = sent.key.empty() ? std::vector<std::string>() : WithKey(sent.key);
      for (int i = 0; i < sent.count; ++i) {
        installation->Send(proxy, sent.method, kHost, sent.target, headers);
      }
      all += sent.count;
    }
    const MetricsPage after = Settled(proxy);
    for (const auto& [series, count] : Expected()) {
      EXPECT_EQ(after.Value(series) - std::max(before.Value(series), 0.0), count) << proxy << " " << series;
    }
    const auto grown = [&](const std::string& name) { return after.Total(name) - before.Total(name); };
    EXPECT_EQ(grown("tollgate_proxy_refusals_total"), all - 11) << "refused for another reason";
    EXPECT_EQ(grown("tollgate_upstream_requests_total"), 11);
    EXPECT_EQ(grown("tollgate_proxy_request_duration_seconds_count"), all);
  }
}

// Objects by kind, and those for which a condition is True, as kubectl shows them.
std::map<std::string, double> ObjectsByKubectl() {
  std::map<std::string, double> counts;
  const nlohmann::json list = nlohmann::json::parse(Kubectl("get gwr,aplan -A -o json").out, nullptr, false);
  if (list.is_discarded()) return counts;
  for (const nlohmann::json& object : list["items"]) {
    const std::string kind = "{kind=\"" + object["kind"].get<std::string>() + "\",condition=\"";
    ++counts[kind + "All\"}"];
    if (!object.contains("status")) continue;
    for (const nlohmann::json& condition : object["status"]["conditions"]) {
      counts[kind + condition["type"].get<std::string>() + "\"}"] += condition["status"] == "True" ? 1 : 0;
    }
  }
  return counts;
}

TEST_F(ClusterMetrics, TheControllersGaugesEqualWhatKubectlShows) {
  ASSERT_TRUE(installation->Apply(Route("lost", "lost.example", "/", "nowhere"))) << installation->said;
  std::map<std::string, double> shown;
  const auto agree = [&] {
    shown = ObjectsByKubectl();
    const MetricsPage page(Installation::kControllerAddress);
    double all = 0;
    for (const auto& [labels, count] : shown) {
      if (page.Value("tollgate_controller_objects" + labels) != count) return false;
      all += count;
    }
    return all == page.Total("tollgate_controller_objects");
  };
  EXPECT_TRUE(kit::Eventually([&] {
    return agree() && shown["{kind=\"GatewayRoute\",condition=\"All\"}"] == 2;
  })) << testing::PrintToString(shown)
      << MetricsPage(Installation::kControllerAddress).text();
  EXPECT_EQ(shown["{kind=\"GatewayRoute\",condition=\"ResolvedRefs\"}"], 1);
  EXPECT_EQ(shown["{kind=\"GatewayRoute\",condition=\"Accepted\"}"], 2);
  EXPECT_EQ(shown["{kind=\"ApiPlan\",condition=\"All\"}"], 2);
}

TEST_F(ClusterMetrics, TheControllerCountsBothProxies) {
  const auto proxies = [](const std::string& state) {
    return MetricsPage(Installation::kControllerAddress)
        .Value("tollgate_controller_proxies{state=\"" + state + "\"}");
  };
  EXPECT_TRUE(kit::Eventually([&] { return proxies("current") == 2; })) << proxies("current");
  for (const char* state : {"behind", "refusing", "gone"}) EXPECT_EQ(proxies(state), 0) << state;
}

}  // namespace
}  // namespace tollgate::cluster
