// A controller that cannot reach its API server says where that should be, why not and what to do, in
// /readyz; and goes on when it is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "controller/publish/push_credentials.h"
#include "tests/cluster/cluster.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using kit::Eventually;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kAddress[] = "10.250.0.10";
constexpr char kServer[] = "https://10.250.0.1:6443";
constexpr std::chrono::seconds kPatience{60};

class Unreachable : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(Kubectl("apply -f " + kit::SourcePath("crds")).code, 0);
    Kubectl(
        "wait --for=condition=Established --timeout=30s crd/gatewayroutes.tollgate.dev "
        "crd/apiplans.tollgate.dev");
  }
  void TearDown() override { controller_.reset(); }

  void StartController(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {kit::ProgramPath("tollgate-controller"), "--namespaces=*",
                                 std::string("--push-address=") + kAddress + ":9443",
                                 std::string("--push-names=") + kAddress,
                                 std::string("--metrics-address=") + kAddress + ":9090"});
    controller_ = std::make_unique<kit::Process>(flags);
  }
  static std::string Administrator() { return std::string("--kubeconfig=") + std::getenv("KUBECONFIG"); }
  // Certificates in files, so that the watches are the first to need the API server.
  std::string OwnCertificates() {
    const WallMicros now = SystemWallClock().Now();
    const publish::PemPair authority = *publish::MakeAuthority("tollgate", now);
    const publish::PemPair server = *publish::IssueServerCertificate(authority, {kAddress}, now);
    folder_.Write("push/ca.crt", authority.certificate);
    folder_.Write("push/tls.crt", server.certificate);
    folder_.Write("push/tls.key", server.key);
    return "--push-tls-dir=" + (folder_ / "push");
  }
  static void Cluster(const std::string& verb) {
    ASSERT_EQ(std::system((kit::SourcePath("hack/kubernetes.sh") + " " + verb + " >&2").c_str()), 0);
  }

  static kit::HttpAnswer Readiness() { return kit::HttpClient(kAddress, 9090).Get("/readyz"); }
  static bool EventuallyReady() {
    return Eventually([] { return Readiness().status == 200; }, kPatience);
  }
  // The sentence of /readyz once it has all of this.
  static void ExpectUnready(const testing::Matcher<const std::string&>& sentence) {
    Eventually([&] { return testing::Matches(sentence)(Readiness().body); }, kPatience);
    const kit::HttpAnswer answer = Readiness();
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.body, sentence);
    std::printf("%s", answer.body.c_str());
  }

  const kit::TempFolder folder_;
  std::unique_ptr<kit::Process> controller_;
};

TEST_F(Unreachable, AnApiServerThatIsAwayAtTheStartIsNamedAndWaitedFor) {
  Cluster("kill-apiserver");
  StartController({Administrator()});
  ExpectUnready(AllOf(HasSubstr("the push waits for its certificates"),
                      HasSubstr(std::string("No answer from the API server at ") + kServer),
                      HasSubstr("no connection can be made"), HasSubstr("check that it runs")));
  Cluster("start-apiserver");
  EXPECT_TRUE(EventuallyReady()) << Readiness().body;
}

TEST_F(Unreachable, WhatCannotBeWatchedIsNamed) {
  Cluster("kill-apiserver");
  StartController({Administrator(), OwnCertificates()});
  ExpectUnready(AllOf(HasSubstr("GatewayRoute in all namespaces cannot be watched"),
                      HasSubstr(std::string("No answer from the API server at ") + kServer),
                      HasSubstr("no connection can be made"), HasSubstr("check that it runs")));
  Cluster("start-apiserver");
  EXPECT_TRUE(EventuallyReady()) << Readiness().body;
}

TEST_F(Unreachable, TheWrongAuthorityIsNamedWithItsFile) {
  OwnCertificates();  // its authority is another one
  const std::string file = folder_ / "kubeconfig";
  folder_.Write("kubeconfig", Kubectl("config view --raw --minify").out);
  const std::string wrong = folder_ / "push/ca.crt";
  const std::string cluster = Kubectl("config view --minify -o jsonpath='{.clusters[0].name}'").out;
  ASSERT_EQ(
      Kubectl("config unset clusters." + cluster + ".certificate-authority-data --kubeconfig=" + file).code,
      0);
  ASSERT_EQ(
      Kubectl("config set-cluster " + cluster + " --certificate-authority=" + wrong + " --kubeconfig=" + file)
          .code,
      0);
  StartController({"--kubeconfig=" + file});
  ExpectUnready(AllOf(
      HasSubstr(std::string("The API server at ") + kServer + " is not trusted"),
      HasSubstr("issuer certificate"),
      HasSubstr("check that " + wrong + " is the authority of this cluster, and put the right one there")));
}

}  // namespace
}  // namespace tollgate::cluster
