// How tollgate-controller begins and ends, seen from outside; there is no API server.
#include "tests/kit/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "controller/publish/push_credentials.h"
#include "tests/kit/eventually.h"
#include "tests/kit/http_client.h"

namespace tollgate {
namespace {

using kit::Eventually;
using ::testing::HasSubstr;

// Nobody listens there.
constexpr char kKubeconfig[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
    "contexts: [{name: here, context: {cluster: c, user: u, namespace: market}}]\n"
    "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
    "users: [{name: u, user: {token: t}}]\n";

class ControllerProcess : public testing::Test {
 protected:
  kit::Process& Start(const std::vector<std::string>& flags) {
    std::vector<std::string> command = {
        kit::ProgramPath("tollgate-controller"), "--kubeconfig=" + (folder_ / "kubeconfig"),
        "--push-address=127.0.0.1:0", "--metrics-address=127.0.0.1:0", "--port-file=" + (folder_ / "ports")};
    command.insert(command.end(), flags.begin(), flags.end());
    folder_.Write("kubeconfig", kKubeconfig);
    process_ = std::make_unique<kit::Process>(command);
    return *process_;
  }

  // With certificates of its own, which needs nobody.
  kit::Process& StartWithCertificates() {
    const WallMicros now = SystemWallClock().Now();
    const publish::PemPair authority = *publish::MakeAuthority("tollgate", now);
    const publish::PemPair server = *publish::IssueServerCertificate(authority, {"localhost"}, now);
    folder_.Write("tls/ca.crt", authority.certificate);
    folder_.Write("tls/tls.crt", server.certificate);
    folder_.Write("tls/tls.key", server.key);
    return Start({"--push-tls-dir=" + (folder_ / "tls")});
  }

  // The port that the log names; 0 where it does not get there.
  int LoggedPort(const std::string& name) {
    const std::string key = "\"" + name + "\":\"";
    std::string said;
    Eventually([&] {
      said = process_->Stderr();
      return said.find(key) != std::string::npos || !process_->running();
    });
    const size_t at = said.find(key);
    return at == std::string::npos ? 0 : std::stoi(said.substr(at + key.size()));
  }

  const kit::TempFolder folder_;
  std::unique_ptr<kit::Process> process_;
};

// The kubeconfig is not there: whoever opened it first would fail with 1.
TEST_F(ControllerProcess, WrongFlagsAreWrongUseBeforeAnythingIsOpened) {
  for (const char* flag :
       {"--host-policy=Shut", "--installation=Edge", "--namespaces=a/b", "--secret-namespaces=A",
        "--push-address=localhost:1", "--metrics-address=9090", "--push-names=a b", "--proxy-service=proxies",
        "--quiet-period=soon", "--quiet-cap=1", "--refusal-patience=-1s", "--default-installation=perhaps",
        "--no-such-flag=1", "--config=/nowhere/at/all", "operand"}) {
    kit::Process& process = Start({flag, "--kubeconfig=/nowhere/at/all"});
    EXPECT_EQ(process.Wait(), 2) << flag << ": " << process.Stderr();
    const std::string said = process.Stderr();
    EXPECT_THAT(said, testing::StartsWith("tollgate-controller: ")) << flag;
    const std::string name = std::string(flag).substr(0, std::string_view(flag).find('='));
    EXPECT_THAT(said, HasSubstr(name)) << "which flag is meant";
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << flag << ": " << said;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "ports")) << flag;
  }
}

TEST_F(ControllerProcess, KubeconfigThatIsNotThereIsAFailure) {
  kit::Process& process = Start({"--kubeconfig=/nowhere/at/all"});
  EXPECT_EQ(process.Wait(), 1);
  EXPECT_EQ(
      process.Stderr(),
      "tollgate-controller: Cannot read /nowhere/at/all: No such file or directory. Name a kubeconfig that "
      "this process may read by --kubeconfig; in a pod, leave the flag out.\n");
}

TEST_F(ControllerProcess, EndsWithZeroWhenTold) {
  kit::Process& process = StartWithCertificates();
  ASSERT_FALSE(kit::AwaitPorts(folder_ / "ports", process).empty()) << process.Stderr();
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0) << process.Stderr();
}

TEST_F(ControllerProcess, EndsWith130WhenInterrupted) {
  kit::Process& process = StartWithCertificates();
  ASSERT_FALSE(kit::AwaitPorts(folder_ / "ports", process).empty()) << process.Stderr();
  process.Signal(SIGINT);
  EXPECT_EQ(process.Wait(), 130) << process.Stderr();
}

TEST_F(ControllerProcess, PushPortThatIsTakenIsAFailure) {
  StartWithCertificates();
  const std::string address = "127.0.0.1:" + std::to_string(LoggedPort("push"));
  const std::unique_ptr<kit::Process> first = std::move(process_);
  kit::Process& second = Start({"--push-tls-dir=" + (folder_ / "tls"), "--push-address=" + address});
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.Stderr(), HasSubstr("tollgate-controller: cannot listen on " + address +
                                         " for the push: Address already in use; stop what listens there"));
  EXPECT_TRUE(first->running());
}

TEST_F(ControllerProcess, WhileItWaitsItIsAliveAndSaysWhatFor) {
  Start({});
  kit::HttpClient pages(LoggedPort("metrics"));
  EXPECT_EQ(pages.Get("/livez").status, 200);
  ASSERT_TRUE(Eventually([&] {
    return pages.Get("/readyz").body.find("the push waits for its certificates") != std::string::npos;
  })) << pages.Get("/readyz").body;
  EXPECT_EQ(pages.Get("/readyz").status, 503);
  EXPECT_EQ(pages.Get("/metrics").status, 200);
}

TEST_F(ControllerProcess, EndsInTheSameWayWhileItWaits) {
  for (const auto& [signal, code] : {std::pair(SIGTERM, 0), std::pair(SIGINT, 130)}) {
    kit::Process& process = Start({});
    ASSERT_TRUE(
        Eventually([&] { return process.Stderr().find("waits for its certificates") != std::string::npos; }));
    process.Signal(signal);
    EXPECT_EQ(process.Wait(), code) << process.Stderr();
  }
}

}  // namespace
}  // namespace tollgate
