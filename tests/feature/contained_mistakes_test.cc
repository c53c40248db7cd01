// What a cluster would accept is served as far as it can be in the embedded mode too: the mistake is
// contained and told, and everything else of the same edit is live.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/base/digest.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string KeyOf(const std::string& caller) { return "the-key-of-caller-" + caller; }

std::string LineOf(const std::string& caller) { return "sha256:" + ToHex(AsBytes(Sha256(KeyOf(caller)))); }

std::string Plan(const std::string& name) {
  return "apiVersion: tollgate.dev/v1alpha1\nkind: ApiPlan\nmetadata: {name: " + name + R"(, namespace: test}
spec: {displayName: Plan, credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}}
---
)";
}

// `entries`: "name: line", with a comma between.
std::string Secret(const std::string& plan, const std::string& entries) {
  return "apiVersion: v1\nkind: Secret\nmetadata: {name: " + plan +
         "-callers, namespace: test, labels: {tollgate.dev/plan: " + plan +
         "}}\ntype: tollgate.dev/api-keys\nstringData: {" + entries + "}\n---\n";
}

// A route of the plans named, with one rule for every path before `rules`.
std::string Route(const std::string& plans, const std::string& rules = "") {
  return R"(apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: route, namespace: test}
spec:
  hosts: [a.example]
  plans: )" +
         plans + R"(
  rules:
  - {name: all, upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}}
)" + rules;
}

class ContainedMistakes : public testing::Test {
 protected:
  void Start() {
    gateway_.WriteService("test", "upstream", upstream_.port());
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  int StatusFor(const std::string& caller, const std::string& target = "/",
                const std::string& host = "a.example") {
    kit::HttpClient client(gateway_.port());
    return client.Get(target, {"Host: " + host, "X-Api-Key: " + KeyOf(caller)}).status;
  }
  bool EventuallySays(const std::string& text) {
    return kit::Eventually([&] { return gateway_.Stderr().find(text) != std::string::npos; });
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(ContainedMistakes, AMistypedLineDoesNotHoldBackThatAnothersKeyIsRevoked) {
  const std::string alice = "alice: " + LineOf("alice");
  const std::string carol = "carol: " + LineOf("carol");
  gateway_.Write("all.yaml", Plan("gold") + Secret("gold", alice + ", bob: " + LineOf("bob") + ", " + carol) +
                                 Route("[{name: gold}]"));
  Start();
  for (const char* caller : {"alice", "bob", "carol"}) EXPECT_EQ(StatusFor(caller), 200) << caller;
  gateway_.Write("all.yaml", Plan("gold") + Secret("gold", "bob: \"sha265:no-digest\", " + carol) +
                                 Route("[{name: gold}]"));
  EXPECT_TRUE(kit::Eventually([&] { return StatusFor("alice") == 401; })) << gateway_.Stderr();
  EXPECT_EQ(StatusFor("bob"), 401);
  EXPECT_EQ(StatusFor("carol"), 200);
  EXPECT_TRUE(
      EventuallySays("Secret test/gold-callers, entry bob: line 1 is refused: it is no key; begin it with "
                     "sha256: and 64 hexadecimal digits"));
  EXPECT_THAT(gateway_.Stderr(), HasSubstr("\"kind\":\"ApiPlan\",\"object\":\"test/gold\""));
  EXPECT_THAT(gateway_.Stderr(), Not(HasSubstr("no-digest")));
}

TEST_F(ContainedMistakes, ARuleWithARepeatedVariableLeavesItsSiblings) {
  const std::string callers = Plan("gold") + Secret("gold", "alice: " + LineOf("alice"));
  gateway_.Write("all.yaml", callers + Route("[{name: gold}]", R"(
  - name: twice
    matches: [{path: {type: Template, value: "/pairs/{id}"}}]
    upstream:
      targets: [{type: Service, serviceRef: {name: upstream, port: http}, rewrite: {path: "/{id}/{id}"}}]
)"));
  Start();
  EXPECT_EQ(StatusFor("alice", "/other"), 200);
  EXPECT_EQ(StatusFor("alice", "/pairs/7"), 500);
  EXPECT_TRUE(EventuallySays("the variable {id} stands twice in this path; rename one of them"));
}

TEST_F(ContainedMistakes, APlanWithoutCallersIsToldAndHoldsUpNoOther) {
  gateway_.Write("all.yaml", Plan("empty") + Plan("gold") + Secret("gold", "alice: " + LineOf("alice")) +
                                 Route("[{name: empty}, {name: gold}]"));
  Start();
  EXPECT_EQ(StatusFor("somebody"), 401);
  EXPECT_EQ(StatusFor("alice"), 200);
  EXPECT_THAT(
      gateway_.Stderr(),
      HasSubstr("nobody can call yet: create a Secret of type tollgate.dev/api-keys in namespace test "
                "with the label tollgate.dev/plan: empty\",\"kind\":\"ApiPlan\",\"object\":\"test/empty\""));
  EXPECT_THAT(gateway_.Stderr(), Not(HasSubstr("tollgate.dev/plan: gold")));
  gateway_.Write("more.yaml", Secret("empty", "somebody: " + LineOf("somebody")));
  EXPECT_TRUE(kit::Eventually([&] { return StatusFor("somebody") == 200; }));
  EXPECT_TRUE(EventuallySays("no longer so: The plan is valid, but nobody can call yet"));
}

TEST_F(ContainedMistakes, AMistakeThatChangesNothingServedIsToldAndSoIsItsEnd) {
  gateway_.Write("all.yaml",
                 Plan("gold") + Secret("gold", "alice: " + LineOf("alice")) + Route("[{name: gold}]"));
  Start();
  gateway_.Write("thief.yaml", R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: thief, namespace: zone}
spec:
  hosts: [a.example]
  access: Public
  rules: [{name: all, upstream: {targets: [{type: Service, serviceRef: {name: none, port: http}}]}}]
)");
  EXPECT_TRUE(EventuallySays("a.example belongs to namespace test"));
  EXPECT_THAT(gateway_.Stderr(), HasSubstr("\"object\":\"zone/thief\",\"condition\":\"Accepted\""));
  EXPECT_EQ(StatusFor("alice"), 200);
  gateway_.manifests.Remove("thief.yaml");
  EXPECT_TRUE(EventuallySays("no longer so: spec.hosts: a.example belongs to namespace test"));
}

}  // namespace
}  // namespace tollgate
