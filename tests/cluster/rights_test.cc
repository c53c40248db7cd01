// What the controller does with the rights it has and with those it lacks, under the API server's own RBAC:
// it waits, says what for, and goes on when they are given.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>

#include "proxy/snapshot/catalog.h"
#include "proxy/snapshot/receiver.h"
#include "tests/cluster/cluster.h"
#include "tests/kit/eventually.h"

namespace tollgate::cluster {
namespace {

using kit::Eventually;
using testing::HasSubstr;

constexpr char kAddress[] = "10.250.0.10";
constexpr std::chrono::seconds kPatience{20};

// Follows the controller, and keeps what it is sent.
class Follower {
 public:
  explicit Follower(const kit::TempFolder& files) {
    snapshot::ReceiverOptions options;
    options.controllers = {*snapshot::ControllerTarget::Parse(std::string(kAddress) + ":9443")};
    options.tls = {files / "tls.crt", files / "tls.key", files / "ca.crt"};
    options.proxy = "follower";
    options.installation = "tollgate";
    options.apply = [this](const api::Snapshot& snapshot) -> Status<> {
      const auto catalog = snapshot::Catalog::Decode(snapshot);
      if (!catalog.ok()) return catalog.error();
      const std::scoped_lock lock(mutex_);
      proxies_ = (*catalog)->proxies();
      return Done{};
    };
    receiver_ = std::make_unique<snapshot::Receiver>(std::move(options));
  }
  ~Follower() { receiver_->Stop(); }

  // As the newest configuration says; 0: there is none.
  uint32_t proxies() const {
    const std::scoped_lock lock(mutex_);
    return proxies_;
  }

 private:
  mutable std::mutex mutex_;
  uint32_t proxies_ = 0;  // guarded by mutex_
  std::unique_ptr<snapshot::Receiver> receiver_;
};

// A controller with an account of its own in the namespace "gateway", which may do nothing at first.
class Rights : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string crds = kit::SourcePath("crds");
    ASSERT_EQ(Kubectl("apply -f " + crds).code, 0);
    Kubectl(
        "wait --for=condition=Established --timeout=30s crd/gatewayroutes.tollgate.dev "
        "crd/apiplans.tollgate.dev");
    for (const char* space : {"gateway", "market", "other"})
      Kubectl(std::string("create namespace ") + space);
  }

  void SetUp() override {
    ASSERT_EQ(Kubectl("create serviceaccount controller -n gateway").code, 0);
    const std::string token = Kubectl("create token controller -n gateway").out;
    const std::string file = folder_ / "kubeconfig";
    folder_.Write("kubeconfig", Kubectl("config view --raw --minify").out);
    Kubectl("config set-credentials account --token=" + token.substr(0, token.find('\n')) +
            " --kubeconfig=" + file);
    ASSERT_EQ(
        Kubectl("config set-context --current --user=account --namespace=gateway --kubeconfig=" + file).code,
        0);
  }
  void TearDown() override {
    controller_.reset();
    Kubectl("delete serviceaccount controller -n gateway");
    for (const char* space : {"gateway", "market", "other"}) {
      Kubectl(std::string("delete role,rolebinding,apiplan,endpointslice,secret --all -n ") + space);
    }
  }

  // Lets the account do this in a namespace.
  static void Grant(const std::string& space, const std::string& name, const std::string& verbs,
                    const std::string& resources) {
    const std::string where = " -n " + space;
    ASSERT_EQ(Kubectl("create role " + name + " --verb=" + verbs + " --resource=" + resources + where).code,
              0);
    ASSERT_EQ(Kubectl("create rolebinding " + name + " --role=" + name +
                      " --serviceaccount=gateway:controller" + where)
                  .code,
              0);
  }
  static void GrantOwn() { Grant("gateway", "own", "get,create,patch", "secrets"); }
  static void GrantWatch(const std::string& space) {
    Grant(space, "watch", "get,list,watch",
          "gatewayroutes.tollgate.dev,apiplans.tollgate.dev,services,configmaps,endpointslices.discovery.k8s."
          "io");
    Grant(space, "status", "patch", "gatewayroutes.tollgate.dev/status,apiplans.tollgate.dev/status");
  }
  static void GrantSecrets(const std::string& space) { Grant(space, "secrets", "list,watch", "secrets"); }

  void StartController(const std::vector<std::string>& flags) {
    std::vector<std::string> command = {kit::ProgramPath("tollgate-controller"),
                                        "--kubeconfig=" + (folder_ / "kubeconfig"),
                                        std::string("--push-address=") + kAddress + ":9443",
                                        std::string("--push-names=") + kAddress,
                                        std::string("--metrics-address=") + kAddress + ":9090",
                                        "--refusal-patience=200ms"};
    command.insert(command.end(), flags.begin(), flags.end());
    controller_ = std::make_unique<kit::Process>(command);
  }

  static kit::HttpAnswer Page(const std::string& target) {
    return kit::HttpClient(kAddress, 9090).Get(target);
  }
  static bool Ready() {
    return Eventually([] { return Page("/readyz").status == 200; }, kPatience);
  }

  // The certificates of a proxy, as the controller made them.
  void FetchPushFiles() {
    ASSERT_TRUE(Eventually([&] {
      for (const char* file : {"ca.crt", "tls.crt", "tls.key"}) {
        std::string path = file;
        path.replace(path.find('.'), 1, "\\.");
        const Outcome secret = Kubectl("get secret tollgate-push-client -n gateway -o jsonpath='{.data." +
                                       path + "}' | base64 -d");
        if (secret.out.find("-----BEGIN") == std::string::npos) return false;
        folder_.Write(file, secret.out);
      }
      return true;
    }));
  }

  static void PutProxies(const std::vector<std::string>& addresses) {
    std::string endpoints;
    for (const std::string& address : addresses) {
      endpoints += "- {addresses: [" + address + "], conditions: {ready: true}}\n";
    }
    ASSERT_EQ(
        Kubectl(
            "apply -f -",
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: proxies-1, namespace: "
            "gateway, labels: {kubernetes.io/service-name: proxies}}\naddressType: IPv4\nendpoints:\n" +
                endpoints)
            .code,
        0);
  }
  static void PutPlan(const std::string& space) {
    ASSERT_EQ(
        Kubectl("apply -f -",
                "apiVersion: tollgate.dev/v1alpha1\nkind: ApiPlan\nmetadata: {name: gold, namespace: " +
                    space + "}\nspec: {credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}}\n")
            .code,
        0);
  }
  // "False/Reason: message" of a plan's ResolvedRefs.
  static std::string ResolvedRefs(const std::string& space, const std::string& plan = "gold") {
    return Kubectl(
               "get apiplan " + plan + " -n " + space +
               " -o jsonpath='{range .status.conditions[?(@.type==\"ResolvedRefs\")]}{.status}/{.reason}: "
               "{.message}{end}'")
        .out;
  }
  static bool EventuallyResolves(const std::string& space, const std::string& begin) {
    return Eventually([&] { return ResolvedRefs(space).starts_with(begin); }, kPatience);
  }

  const kit::TempFolder folder_;
  std::unique_ptr<kit::Process> controller_;
};

TEST_F(Rights, TheNumberOfProxiesReachesTheProxiesFromANamespaceThatIsNotWatched) {
  GrantOwn();
  GrantWatch("market");
  GrantSecrets("market");
  Grant("gateway", "proxies", "list,watch", "endpointslices.discovery.k8s.io");
  PutProxies({"10.250.0.21", "10.250.0.22"});
  StartController({"--namespaces=market", "--proxy-service=gateway/proxies"});
  FetchPushFiles();
  const Follower follower(folder_);
  EXPECT_TRUE(Eventually([&] { return follower.proxies() == 2; }, kPatience)) << controller_->Stderr();
  PutProxies({"10.250.0.21", "10.250.0.22", "10.250.0.23"});
  EXPECT_TRUE(Eventually([&] { return follower.proxies() == 3; }, kPatience)) << controller_->Stderr();
}

TEST_F(Rights, ProxiesThatMayNotBeCountedAreOneUntilTheyMay) {
  GrantOwn();
  GrantWatch("market");
  GrantSecrets("market");
  PutProxies({"10.250.0.21", "10.250.0.22"});
  StartController({"--namespaces=market", "--proxy-service=gateway/proxies"});
  FetchPushFiles();
  const Follower follower(folder_);
  EXPECT_TRUE(Eventually([&] { return follower.proxies() == 1; }, kPatience)) << controller_->Stderr();
  EXPECT_THAT(controller_->Stderr(),
              HasSubstr("Not allowed to list and watch /apis/discovery.k8s.io/v1/namespaces/"
                        "gateway/endpointslices"));
  Grant("gateway", "proxies", "list,watch", "endpointslices.discovery.k8s.io");
  EXPECT_TRUE(Eventually([&] { return follower.proxies() == 2; }, kPatience)) << controller_->Stderr();
}

TEST_F(Rights, ThePlanSaysThatItsSecretsAreNotRead) {
  GrantOwn();
  for (const char* space : {"market", "other"}) GrantWatch(space);
  GrantSecrets("market");
  for (const char* space : {"market", "other"}) PutPlan(space);
  StartController({"--namespaces=market,other", "--secret-namespaces=market"});
  EXPECT_TRUE(
      EventuallyResolves("other", "False/SecretAccessDenied: the Secrets of namespace other are not read"))
      << ResolvedRefs("other");
  EXPECT_THAT(ResolvedRefs("other"), HasSubstr("add other to --secret-namespaces"));
  EXPECT_TRUE(EventuallyResolves("market", "True/")) << ResolvedRefs("market");
}

TEST_F(Rights, ThePlanSaysThatItsSecretsMayNotBeReadUntilTheyMay) {
  GrantOwn();
  GrantWatch("market");
  PutPlan("market");
  StartController({"--namespaces=market"});
  EXPECT_TRUE(EventuallyResolves("market",
                                 "False/SecretAccessDenied: the Secrets of namespace market may not be read"))
      << ResolvedRefs("market");
  GrantSecrets("market");
  EXPECT_TRUE(EventuallyResolves("market", "True/")) << ResolvedRefs("market");
}

// An API server that has just started refuses until it has read who may do what.
TEST_F(Rights, ARefusalThatDoesNotLastChangesNothing) {
  GrantOwn();
  GrantWatch("market");
  GrantSecrets("market");
  PutPlan("market");
  StartController({"--namespaces=market", "--refusal-patience=1h"});
  ASSERT_TRUE(EventuallyResolves("market", "True/")) << ResolvedRefs("market");
  ASSERT_EQ(Kubectl("delete rolebinding secrets -n market").code, 0);
  // The watch that is open would go on for minutes.
  for (const char* verb : {"kill-apiserver", "start-apiserver"}) {
    ASSERT_EQ(std::system((kit::SourcePath("hack/kubernetes.sh") + " " + verb + " >&2").c_str()), 0);
  }
  ASSERT_TRUE(Eventually(
      [&] {
        return controller_->Stderr().find(
                   "Not allowed to list and watch /api/v1/namespaces/market/secrets") != std::string::npos;
      },
      kPatience))
      << controller_->Stderr();
  // What is made of an edit now still has the Secrets that were known.
  ASSERT_EQ(Kubectl("apply -f -",
                    "apiVersion: tollgate.dev/v1alpha1\nkind: ApiPlan\nmetadata: {name: after, namespace: "
                    "market}\nspec: {credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}}\n")
                .code,
            0);
  EXPECT_TRUE(Eventually([] { return ResolvedRefs("market", "after").starts_with("True/"); }, kPatience))
      << ResolvedRefs("market", "after");
  EXPECT_THAT(ResolvedRefs("market"), testing::StartsWith("True/"));
}

// After a restart: an empty table would take away what the proxies still serve.
TEST_F(Rights, WithoutARightToRoutesNothingIsPublishedAndItSaysWhy) {
  GrantOwn();
  GrantSecrets("market");
  StartController({"--namespaces=market"});
  const auto says_why = [] {
    const std::string said = Page("/readyz").body;
    return said.find("GatewayRoute in namespace market cannot be watched") != std::string::npos &&
           said.find("grant the controller's account the verbs list and watch") != std::string::npos;
  };
  EXPECT_TRUE(Eventually(says_why, kPatience)) << Page("/readyz").body;
  GrantWatch("market");
  EXPECT_TRUE(Ready()) << Page("/readyz").body;
  const std::string said = controller_->Stderr();
  EXPECT_LT(said.find("Watching /apis/tollgate.dev/v1alpha1/namespaces/market/gatewayroutes"),
            said.find("\"published\""));
}

// Their owner is gone after an uninstall that an install followed at once, and garbage collection would take
// them.
TEST_F(Rights, ItsSecretsBelongToItsAccountAndComeBackWhereSomebodyDeletesThem) {
  const std::string gone =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: tollgate-push-client, namespace: gateway, labels: "
      "{app.kubernetes.io/managed-by: tollgate-controller}, ownerReferences: [{apiVersion: v1, kind: "
      "ServiceAccount, name: controller, uid: gone}]}\n";
  ASSERT_EQ(Kubectl("create -f -", gone).code, 0);
  GrantOwn();
  StartController({"--namespaces=market"});
  const std::string account =
      Kubectl("get serviceaccount controller -n gateway -o jsonpath={.metadata.uid}").out;
  const auto belongs = [&](const std::string& secret) {
    const std::string owners = " -n gateway -o jsonpath='{.metadata.ownerReferences[*].uid}'";
    return Kubectl("get secret " + secret + owners).out == account;
  };
  for (const char* secret : {"tollgate-push-ca", "tollgate-push-client"}) {
    EXPECT_TRUE(Eventually([&] { return belongs(secret); }, kPatience)) << secret << controller_->Stderr();
  }
  ASSERT_EQ(Kubectl("delete secret tollgate-push-client -n gateway").code, 0);
  EXPECT_TRUE(Eventually([&] { return belongs("tollgate-push-client"); }, 3 * kPatience));
}

TEST_F(Rights, WithoutARightToItsOwnSecretsItIsAliveAndSaysWhichItWaitsFor) {
  GrantWatch("market");
  GrantSecrets("market");
  StartController({"--namespaces=market"});
  ASSERT_TRUE(Eventually(
      [] { return Page("/readyz").body.find("bind it, in namespace gateway") != std::string::npos; },
      kPatience))
      << Page("/readyz").body;
  EXPECT_EQ(Page("/livez").status, 200);
  GrantOwn();
  EXPECT_TRUE(Ready()) << Page("/readyz").body;
}

}  // namespace
}  // namespace tollgate::cluster
