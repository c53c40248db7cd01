// Everything that can be wrong at start: one clear line on stderr and an exit code that scripts can tell
// apart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"

namespace tollgate {
namespace {

using testing::HasSubstr;

// One line for the reader of a terminal, that names what is meant.
auto IsOneLineWith(const std::string& text) {
  return testing::AllOf(HasSubstr(text), testing::EndsWith("\n"),
                        testing::Not(testing::ContainsRegex("\n.")));
}

// The exit code of `tollgatectl run` on these manifests; what it said is left in `said`.
class BadInput : public testing::Test {
 protected:
  int Run(const std::vector<std::string>& flags = {}) {
    EXPECT_FALSE(gateway_.Start(flags));
    const int code = gateway_.process().Wait();
    said_ = gateway_.Stderr();
    return code;
  }
  kit::Gateway gateway_;
  std::string said_;
};

TEST_F(BadInput, AMalformedManifestIsNamedByFileAndLine) {
  gateway_.Write("bad.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: [}\n");
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(said_, HasSubstr("bad.yaml:3: this is no YAML: illegal flow end"));
  EXPECT_THAT(said_, HasSubstr("the manifests are refused (1 mistake, listed above); mend the files named"));
}

TEST_F(BadInput, AnUnknownFieldIsRefusedByName) {
  std::string route = kit::PublicRoute("a.example");
  gateway_.Write("route.yaml", route + "  acces: Plans\n");
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(said_, HasSubstr("unknown field \"spec.acces\""));
}

TEST_F(BadInput, AMissingFolderIsNamed) {
  kit::Process process({kit::ProgramPath("tollgatectl"), "run", "/nowhere/at/all",
                        "--http-address=127.0.0.1:0", "--https-address=off",
                        "--metrics-address=127.0.0.1:0"});
  EXPECT_EQ(process.Wait(), 1);
  EXPECT_THAT(process.Stderr(), HasSubstr("/nowhere/at/all: there is no such file or folder"));
}

TEST_F(BadInput, PlansWithoutPlansIsRefused) {
  std::string route = kit::PublicRoute("a.example");
  route.replace(route.find("access: Public"), 14, "access: Plans ");
  gateway_.Write("route.yaml", route);
  EXPECT_EQ(Run(), 1);
  EXPECT_THAT(said_,
              HasSubstr("access Plans, the default, needs at least one plan; name one in plans, or set "
                        "access to Public to admit everyone"));
}

TEST_F(BadInput, AnUnknownFlagIsWrongUse) {
  EXPECT_EQ(Run({"--no-such-flag=1"}), 2);
  EXPECT_THAT(said_, IsOneLineWith("--no-such-flag"));
  EXPECT_THAT(said_, HasSubstr("; --help lists what there is"));
}

TEST_F(BadInput, AFlagOfTheWrongTypeIsWrongUse) {
  EXPECT_EQ(Run({"--threads=many"}), 2);
  EXPECT_THAT(said_,
              IsOneLineWith(
                  "--threads: \"many\" is no whole number: write one such as 4; --help lists what there is"));
  EXPECT_EQ(Run({"--drain-timeout=soon"}), 2);
  EXPECT_THAT(said_, IsOneLineWith("\"soon\" is not a duration"));
  EXPECT_THAT(said_, HasSubstr("; --help lists what there is"));
}

TEST_F(BadInput, AValueThatAFlagCannotHaveIsWrongUseAndNamed) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  for (const char* flag : {"--host-policy=owned", "--installation=No_Name", "--threads=0",
                           "--drain-grace=-1s", "--metrics-address=nowhere", "--limits-store=file://x"}) {
    EXPECT_EQ(Run({flag}), 2) << flag;
    const std::string name = std::string(flag).substr(0, std::string(flag).find('='));
    EXPECT_THAT(said_, HasSubstr(name));
  }
}

TEST_F(BadInput, AnAddressThatIsNoneIsWrongUse) {
  EXPECT_EQ(Run({"--http-address=localhost"}), 2);
  EXPECT_THAT(said_, HasSubstr("--http-address \"localhost\" is no address"));
}

TEST_F(BadInput, APortInUseSaysSoAndWhatToDo) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  ASSERT_TRUE(gateway_.Start());
  kit::Gateway second;
  second.Write("route.yaml", kit::PublicRoute("a.example"));
  EXPECT_FALSE(second.Start({"--metrics-address=127.0.0.1:" + std::to_string(gateway_.metrics_port())}));
  EXPECT_EQ(second.process().Wait(), 1);
  const std::string address = "127.0.0.1:" + std::to_string(gateway_.metrics_port());
  EXPECT_THAT(second.Stderr(), HasSubstr(address));
  EXPECT_THAT(second.Stderr(),
              HasSubstr("Address already in use; stop what listens there or choose another port"));
}

TEST_F(BadInput, AnAccessLogThatCannotBeWrittenSaysSo) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  EXPECT_EQ(Run({"--access-log=/nowhere/access.log"}), 1);
  EXPECT_THAT(said_, HasSubstr("cannot open the access log \"/nowhere/access.log\""));
}

// What is readable but refers to nothing serves as far as it can: that is a condition, not a refused apply.

TEST_F(BadInput, AMissingServiceAnswers500AndIsReported) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example", "nowhere"));
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  kit::HttpClient client(gateway_.port());
  const kit::HttpAnswer answer = client.Get("/", {"Host: a.example"});
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("rule-broken"));
  EXPECT_THAT(gateway_.Stderr(),
              HasSubstr("Service test/nowhere does not exist: create it, or name another Service"));
  EXPECT_THAT(gateway_.Stderr(), HasSubstr("RefNotFound"));
  // A request is counted when its answer has left, which its caller may see first.
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_.Metric(
               "tollgate_proxy_requests_total{route=\"test/nowhere\",rule=\"all\",plan=\"\","
               "code=\"500\",source=\"gateway\"}") == 1;
  }));
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_.AccessLog().find(
               "\"reason\":\"rule-broken\",\"route\":\"test/nowhere\",\"rule\":\"all\"") != std::string::npos;
  })) << gateway_.AccessLog();
}

TEST_F(BadInput, AnUnknownPlanRefusesEveryoneAndIsReported) {
  std::string route = kit::PublicRoute("a.example");
  route.replace(route.find("access: Public"), 14, "plans: [{name: nirvana}]");
  gateway_.WriteService("test", "upstream", 1).Write("route.yaml", route);
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  kit::HttpClient client(gateway_.port());
  const kit::HttpAnswer answer = client.Get("/", {"Host: a.example", "X-Api-Key: whatever-whatever"});
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("plan-broken"));
  EXPECT_THAT(gateway_.Stderr(),
              HasSubstr("ApiPlan test/nirvana does not exist: create it, or name another plan"));
}

TEST_F(BadInput, AServiceWithoutEndpointsAnswers503) {
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  gateway_.Write("service.yaml",
                 "apiVersion: v1\nkind: Service\nmetadata: {name: upstream, namespace: test}\n"
                 "spec: {ports: [{name: http, port: 80}]}\n");
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  kit::HttpClient client(gateway_.port());
  const kit::HttpAnswer answer = client.Get("/", {"Host: a.example"});
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("upstream-none-ready"));
  EXPECT_THAT(
      gateway_.Stderr(),
      HasSubstr("Service test/upstream:http has no endpoint that is ready: requests get 503 until one of "
                "its pods is"));
}

TEST_F(BadInput, AConsumerLineThatIsNoDigestIsNamedAndNotShown) {
  gateway_.Write("secret.yaml", R"(
apiVersion: v1
kind: Secret
metadata: {name: callers, namespace: test, labels: {tollgate.dev/plan: nirvana}}
type: tollgate.dev/api-keys
stringData: {mallory: "this-is-a-plain-secret-key"}
)");
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  EXPECT_THAT(
      gateway_.Stderr(),
      HasSubstr("mallory: line 1 is refused: it is no key; begin it with sha256: and 64 hexadecimal digits"));
  EXPECT_THAT(gateway_.Stderr(),
              HasSubstr("names ApiPlan test/nirvana, which does not exist, so the callers in this Secret are "
                        "refused: create the plan, there is none in this namespace"));
  EXPECT_THAT(gateway_.Stderr(), testing::Not(HasSubstr("this-is-a-plain")));
}

}  // namespace
}  // namespace tollgate
