// ApiClient and Watch against a real kube-apiserver and etcd. Runs inside the cluster's network:
//   hack/kubernetes.sh exec build/release/bin/kube_watch_test
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <barrier>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "controller/kube/client.h"
#include "controller/kube/watch.h"
#include "tests/cluster/watch_log.h"
#include "tests/kit/tcp_relay.h"

namespace tollgate::kube {
namespace {

using kit::TcpRelay;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::WatchLog;
using Contents = WatchLog::Contents;

constexpr char kAddress[] = "10.250.0.1";
constexpr uint16_t kPort = 6443;

// A namespace of its own for each test, and the verbs of a cluster's user.
class KubeWatch : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* path = std::getenv("KUBECONFIG");
    ASSERT_NE(path, nullptr) << "KUBECONFIG is not set; run this by hack/kubernetes.sh exec";
    auto admin = LoadKubeconfig(path);
    ASSERT_TRUE(admin) << admin.error().message;
    admin_ = *admin;
    client_ = Connect(admin_);
    static int number = 0;
    space_ = "watch-" + std::to_string(getpid()) + "-" + std::to_string(++number);
    Create("/api/v1/namespaces", {{"metadata", {{"name", space_}}}});
    maps_.path = Path("configmaps");
  }

  static std::unique_ptr<ApiClient> Connect(const Credentials& credentials) {
    auto client = ApiClient::Open(credentials);
    EXPECT_TRUE(client) << client.error().message;
    return std::move(*client);
  }

  std::string Path(const std::string& plural) const { return "/api/v1/namespaces/" + space_ + "/" + plural; }

  json Create(const std::string& path, const json& object) {
    const auto answer = client_->Create(path, object.dump());
    EXPECT_TRUE(answer && answer->ok()) << path << ": " << (answer ? answer->body : answer.error().message);
    return answer && answer->ok() ? json::parse(answer->body) : json();
  }
  void CreateMap(const std::string& name, const std::string& value = "1") {
    Create(maps_.path, {{"metadata", {{"name", name}}}, {"data", {{"value", value}}}});
  }
  void PatchMap(const std::string& name, const std::string& value) {
    const json patch = {{"data", {{"value", value}}}};
    const auto answer = client_->MergePatch(maps_.path + "/" + name, patch.dump());
    EXPECT_TRUE(answer && answer->ok());
  }
  void Delete(const std::string& path) {
    const auto answer = client_->Delete(path);
    EXPECT_TRUE(answer && answer->ok());
  }

  static void Cluster(const std::string& verb) {
    ASSERT_EQ(std::system((TOLLGATE_KUBERNETES_SCRIPT " " + verb + " >&2").c_str()), 0) << verb;
  }

  // The same account by another way.
  Credentials Through(const TcpRelay& relay) const {
    Credentials credentials = admin_;
    credentials.server = "https://" + std::string(kAddress) + ":" + std::to_string(relay.port());
    return credentials;
  }

  static auto HasValue(const std::string& name, const std::string& value) {
    return [=](const Contents& c) { return c.Has(name) && c.objects.at(name)["data"]["value"] == value; };
  }

  Credentials admin_;
  std::unique_ptr<ApiClient> client_;
  std::string space_;
  Collection maps_;
  WatchLog log_;
};

TEST_F(KubeWatch, SeesWhatWasThereAndWhatIsCreatedModifiedAndDeleted) {
  CreateMap("before");
  Watch watch(*client_, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  EXPECT_TRUE(log_.contents().Has("before"));
  CreateMap("after");
  EXPECT_TRUE(log_.Await(HasValue("after", "1")));
  PatchMap("before", "2");
  EXPECT_TRUE(log_.Await(HasValue("before", "2")));
  Delete(maps_.path + "/after");
  EXPECT_TRUE(log_.Await([](const Contents& c) { return !c.Has("after"); }));
  EXPECT_EQ(log_.contents().replacements, 1);
  EXPECT_EQ(log_.contents().states.size(), 2U) << "Listing, Synced";
}

TEST_F(KubeWatch, PutsAListOfManyPagesTogether) {
  for (int i = 0; i < 7; ++i) CreateMap("map-" + std::to_string(i));
  Watch watch(*client_, maps_, log_, {.page_limit = 3});
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  EXPECT_EQ(log_.contents().objects.size(), 7U);
  EXPECT_EQ(log_.contents().replacements, 1);
}

TEST_F(KubeWatch, KeepsToItsSelectors) {
  const auto secret = [&](const std::string& name, const std::string& type) {
    Create(Path("secrets"), {{"metadata", {{"name", name}, {"labels", {{"own", "yes"}}}}}, {"type", type}});
  };
  Watch watch(*client_, {Path("secrets"), "own in (yes,maybe)", "type=tollgate.dev/api-keys"}, log_);
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  secret("other", "Opaque");
  secret("keys", "tollgate.dev/api-keys");
  EXPECT_TRUE(log_.Await([](const Contents& c) { return c.Has("keys"); }));
  EXPECT_FALSE(log_.contents().Has("other"));
}

TEST_F(KubeWatch, GoesOnFromWatchToWatchWithoutListingAgain) {
  Watch watch(*client_, maps_, log_,
              {.shortest_watch = std::chrono::seconds(1), .longest_watch = std::chrono::seconds(2)});
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  CreateMap("counter", "0");
  int changes = 0;
  while (log_.contents().openings < 3) {
    const std::string value = std::to_string(++changes);
    PatchMap("counter", value);
    ASSERT_TRUE(log_.Await(HasValue("counter", value)));
  }
  printf("%d changes\n", changes);
  EXPECT_EQ(log_.contents().replacements, 1);
  EXPECT_EQ(log_.contents().events, 1 + changes);
}

// So that whoever asks when the API server was last heard is not told of the last change.
TEST_F(KubeWatch, TellsThatNothingChanged) {
  Watch brief(*client_, maps_, log_,
              {.shortest_watch = std::chrono::seconds(5), .longest_watch = std::chrono::seconds(5)});
  EXPECT_TRUE(log_.Await([](const Contents& c) { return c.openings >= 2; }));
  EXPECT_EQ(log_.contents().events, 0);
}

// A minute long: so often the API server gives bookmarks, and none to a watch that ends before.
TEST_F(KubeWatch, TellsOfBookmarks) {
  CreateMap("before");  // a server that has seen no change of a kind has none to give
  Watch watch(*client_, maps_, log_);
  EXPECT_TRUE(log_.Await([](const Contents& c) { return c.bookmarks >= 1; }, std::chrono::seconds(180)));
  EXPECT_EQ(log_.contents().openings, 1);
  EXPECT_EQ(log_.contents().events, 0);
}

TEST_F(KubeWatch, ConvergesAfterTheApiServerWasKilled) {
  CreateMap("before");
  Watch watch(*client_, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  Cluster("kill-apiserver");
  EXPECT_TRUE(log_.Await(WatchState::kUnreachable));
  EXPECT_THAT(log_.sentence(), HasSubstr(admin_.server));
  Cluster("start-apiserver");
  CreateMap("after");
  PatchMap("before", "2");
  EXPECT_TRUE(log_.Await(HasValue("after", "1")));
  EXPECT_TRUE(log_.Await(HasValue("before", "2")));
  EXPECT_TRUE(log_.Await(WatchState::kSynced));
}

TEST_F(KubeWatch, ListsAgainWhereTheApiServerForgotWhereItWas) {
  CreateMap("changed");
  CreateMap("deleted");
  TcpRelay relay(kAddress, kAddress, kPort);
  const auto client = Connect(Through(relay));
  Watch watch(*client, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  relay.Cut();
  PatchMap("changed", "2");
  Delete(maps_.path + "/deleted");
  // A new process knows no events from before its start, so the watch is told 410.
  Cluster("kill-apiserver");
  Cluster("start-apiserver");
  relay.Mend();
  EXPECT_TRUE(log_.Await([](const Contents& c) { return c.replacements == 2 && c.Is(WatchState::kSynced); }));
  EXPECT_TRUE(HasValue("changed", "2")(log_.contents()));
  EXPECT_FALSE(log_.contents().Has("deleted"));
}

TEST_F(KubeWatch, NoticesAConnectionThatFellSilent) {
  TcpRelay relay(kAddress, kAddress, kPort);
  const auto client = Connect(Through(relay));
  Watch watch(*client, maps_, log_,
              {.shortest_watch = std::chrono::seconds(2),
               .longest_watch = std::chrono::seconds(2),
               .silence_margin = std::chrono::milliseconds(500)});
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  relay.Silence();
  CreateMap("unheard");
  EXPECT_TRUE(log_.Await(HasValue("unheard", "1")));
  EXPECT_EQ(log_.contents().replacements, 1) << "the new watch goes on where the silent one stood";
  EXPECT_EQ(log_.contents().Times(WatchState::kUnreachable), 0);
}

TEST_F(KubeWatch, WaitsForACustomResourceThatIsAbsentAndNoticesItsEnd) {
  const std::string group = space_ + ".example.com";
  const json crd = {{"apiVersion", "apiextensions.k8s.io/v1"},
                    {"kind", "CustomResourceDefinition"},
                    {"metadata", {{"name", "things." + group}}},
                    {"spec",
                     {{"group", group},
                      {"scope", "Namespaced"},
                      {"names", {{"plural", "things"}, {"kind", "Thing"}}},
                      {"versions",
                       {{{"name", "v1"},
                         {"served", true},
                         {"storage", true},
                         {"subresources", {{"status", json::object()}}},
                         {"schema",
                          {{"openAPIV3Schema",
                            {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}}}}}}}}}};
  const std::string crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const std::string things = "/apis/" + group + "/v1/namespaces/" + space_ + "/things";
  Watch watch(*client_, {things, "", ""}, log_);
  ASSERT_TRUE(log_.Await(WatchState::kAbsent));
  EXPECT_THAT(log_.sentence(), HasSubstr("install the CustomResourceDefinition"));
  Create(crds, crd);
  ASSERT_TRUE(log_.Await(WatchState::kSynced));

  // Server-side apply makes it, a merge patch of the status reaches the status alone.
  const json thing = {{"apiVersion", group + "/v1"}, {"kind", "Thing"}, {"metadata", {{"name", "one"}}}};
  const auto applied = client_->Apply(things + "/one", thing.dump());
  EXPECT_TRUE(applied && applied->status == 201) << (applied ? applied->body : applied.error().message);
  const auto patched =
      client_->MergePatch(things + "/one/status", R"({"status":{"seen":"yes"},"extra":"no"})");
  EXPECT_TRUE(patched && patched->status == 200);
  EXPECT_TRUE(
      log_.Await([](const Contents& c) { return c.Has("one") && c.objects.at("one").contains("status"); }));
  EXPECT_FALSE(log_.contents().objects.at("one").contains("extra"));

  Delete(crds + "/things." + group);
  EXPECT_TRUE(log_.Await([](const Contents& c) { return !c.Has("one") && c.Is(WatchState::kAbsent); }));
}

TEST_F(KubeWatch, WaitsForARightItDoesNotHave) {
  const std::string account = Path("serviceaccounts");
  Create(account, {{"metadata", {{"name", "nobody"}}}});
  const json answer = Create(account + "/nobody/token", {{"spec", {{"expirationSeconds", 3600}}}});
  Credentials credentials = admin_;
  credentials.client_certificate.reset();
  credentials.client_key.reset();
  credentials.token = TextSource::Inline(answer["status"]["token"], "token of nobody");
  const auto client = Connect(credentials);
  Watch watch(*client, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kForbidden));
  EXPECT_THAT(log_.sentence(), AllOf(HasSubstr(space_ + ":nobody"), HasSubstr("grant")));

  const std::string rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + space_;
  Create(rbac + "/roles",
         {{"metadata", {{"name", "reader"}}},
          {"rules", {{{"apiGroups", {""}}, {"resources", {"configmaps"}}, {"verbs", {"list", "watch"}}}}}});
  Create(rbac + "/rolebindings",
         {{"metadata", {{"name", "reader"}}},
          {"roleRef", {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", "reader"}}},
          {"subjects", {{{"kind", "ServiceAccount"}, {"name", "nobody"}, {"namespace", space_}}}}});
  EXPECT_TRUE(log_.Await(WatchState::kSynced));

  Delete(rbac + "/rolebindings/reader");
  EXPECT_EQ(client->Get(maps_.path)->status, 403);
}

TEST_F(KubeWatch, SaysThatATokenIsNotKnown) {
  Credentials credentials = admin_;
  credentials.client_certificate.reset();
  credentials.client_key.reset();
  credentials.token = TextSource::Inline("s3cret", "token");
  const auto client = Connect(credentials);
  Watch watch(*client, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kUnreachable));
  EXPECT_THAT(log_.sentence(),
              AllOf(HasSubstr("401"), HasSubstr("check the token"), Not(HasSubstr("s3cret"))));
}

TEST_F(KubeWatch, NamesTheWrongAuthorityOfAKubeconfig) {
  const auto folder = std::filesystem::temp_directory_path() / space_;
  std::filesystem::create_directory(folder);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
  };
  // A good certificate, but not the one that vouches for the API server.
  write("wrong.crt", *admin_.client_certificate->Read());
  write("me.crt", *admin_.client_certificate->Read());
  write("me.key", *admin_.client_key->Read());
  write("config",
        "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: '" +
            admin_.server +
            "', certificate-authority: wrong.crt}}]\n"
            "users: [{name: u, user: {client-certificate: me.crt, client-key: me.key}}]\n");
  const auto credentials = LoadKubeconfig(folder / "config");
  ASSERT_TRUE(credentials) << credentials.error().message;
  const auto client = Connect(*credentials);
  Watch watch(*client, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kUnreachable));
  printf("%s\n", log_.sentence().c_str());
  EXPECT_THAT(log_.sentence(),
              AllOf(HasSubstr(admin_.server + " is not trusted"), HasSubstr(folder / "wrong.crt"),
                    HasSubstr("issuer certificate"), HasSubstr("put the right one there")));
  std::filesystem::remove_all(folder);
}

TEST_F(KubeWatch, RefusesACertificateOfAnotherName) {
  Credentials credentials = admin_;
  credentials.server_name = "kubernetes.default.svc";
  EXPECT_EQ(Connect(credentials)->Get("/version")->status, 200);
  credentials.server_name = "other.example.com";
  EXPECT_THAT(Connect(credentials)->Get("/version").error().message, HasSubstr("hostname mismatch"));
  credentials.server_name = "10.250.0.99";
  EXPECT_THAT(Connect(credentials)->Get("/version").error().message, HasSubstr("IP address mismatch"));
}

TEST_F(KubeWatch, TrustsNoAuthorityOfTheMachineBesideTheClusters) {
  Credentials credentials = admin_;
  credentials.authority.reset();
  EXPECT_THAT(Connect(credentials)->Get("/version").error().message,
              AllOf(HasSubstr("the machine's certificate store"), HasSubstr("certificate-authority in ")));
}

TEST_F(KubeWatch, SharesAConnectionBetweenRequests) {
  TcpRelay relay(kAddress, kAddress, kPort);
  const auto client = Connect(Through(relay));
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client->Get("/version")->status, 200);
  EXPECT_LE(relay.connections(), 2);
  relay.Cut();
  relay.Mend();
  EXPECT_TRUE(client->Get("/version")) << "a connection that ended while it was idle is replaced";
}

// Has enough at the first line, and waits until all of its kind have one.
class BriefSink : public LineSink {
 public:
  explicit BriefSink(std::barrier<>& all) : all_(all) {}
  void OnOpen() override {}
  bool OnLine(std::string_view) override {
    all_.arrive_and_wait();
    return false;
  }

 private:
  std::barrier<>& all_;
};

// More answers than the HTTP library has threads, as after an API server's restart: every watch is too old.
TEST_F(KubeWatch, ManyAnswersThatAreGivenUpAtOnceLeaveTheConnectionsWorking) {
  constexpr int kWatches = 6;
  constexpr int kRounds = 50;
  CreateMap("first");
  std::barrier<> all(kWatches);
  std::vector<std::jthread> watches;
  for (int i = 0; i < kWatches; ++i) {
    watches.emplace_back([&] {
      BriefSink sink(all);
      for (int round = 0; round < kRounds; ++round) {
        const std::string target = maps_.path + "?watch=true&resourceVersion=0&timeoutSeconds=60";
        const auto answer = client_->Follow(target, std::chrono::seconds(60), sink, {});
        if (answer && answer->status == 200) continue;
        ADD_FAILURE() << "round " << round << ": " << (answer ? answer->body : answer.error().message);
        return all.arrive_and_drop();
      }
      all.arrive_and_drop();
    });
  }
  watches.clear();
  EXPECT_EQ(client_->Get("/version")->status, 200);
}

TEST_F(KubeWatch, StopsPromptlyWhateverItWaitsFor) {
  TcpRelay relay(kAddress, kAddress, kPort);
  const auto stop = [](Watch& watch) {
    const SteadyTime began = SteadyNow();
    watch.Stop();
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyNow() - began);
    printf("stopped after %d ms\n", static_cast<int>(taken.count()));
    EXPECT_LT(taken, std::chrono::seconds(30)) << "as long as the watch itself would have lasted";
  };
  const auto client = Connect(Through(relay));
  Watch idle(*client, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kSynced));
  stop(idle);
  Watch silenced(*client, maps_, log_);
  ASSERT_TRUE(log_.Await([](const Contents& c) { return c.Times(WatchState::kSynced) == 2; }));
  relay.Silence();
  stop(silenced);
  relay.Cut();
  Watch backing_off(*client, maps_, log_);
  ASSERT_TRUE(log_.Await(WatchState::kUnreachable));
  stop(backing_off);
}

}  // namespace
}  // namespace tollgate::kube
