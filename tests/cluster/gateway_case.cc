#include "tests/cluster/gateway_case.h"

#include "api/base/digest.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {

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

std::string Plan(const std::string& name, const std::string& more, const std::string& from) {
  return R"(
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: )" +
         name + R"(, namespace: market}
spec:
  displayName: )" +
         name + R"(
  credentials: {apiKeys: {from: [)" +
         from + "]}}\n" + more + "---";
}

std::string Route(const std::string& name, const std::string& host, const std::string& path,
                  const std::string& service, const std::string& space, const std::string& plan,
                  const std::string& more) {
  return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: )" +
         name + ", namespace: " + space + R"(}
spec:
  hosts: [)" +
         host + R"(]
  plans: [{name: )" +
         plan + R"(}]
  rules:
  - name: main
    matches: [{methods: [GET], path: {type: Prefix, value: )" +
         path + R"(}}]
    upstream: {targets: [{type: Service, serviceRef: {name: )" +
         service + ", port: http}}]}\n" + more + "---";
}

std::vector<std::string> WithKey(const std::string& key) { return {"X-Api-Key: " + key}; }

Installation* Gateway::installation = nullptr;

void Gateway::Begin(const std::vector<std::string>& flags) {
  installation = new Installation;
  installation->proxy_flags = flags;
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

void Gateway::TearDownTestSuite() { delete installation; }

bool Gateway::EventuallyServes(const std::string& host, const std::string& path, int status,
                               const std::string& key) {
  return kit::Eventually([&] {
    return installation->Get(1, host, path, WithKey(key)).status == status &&
           installation->Get(2, host, path, WithKey(key)).status == status;
  });
}

}  // namespace tollgate::cluster
