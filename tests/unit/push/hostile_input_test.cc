// Bytes that no client would send, at every port of tollgate-proxy as a cluster runs it, and at the
// controller's push port. Run on a build with sanitizers as well.
#include <signal.h>

#include "tests/kit/hostile_bytes.h"
#include "tests/kit/http_client.h"
#include "tests/kit/process.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/unit/push/push_fixture.h"

namespace tollgate::push {
namespace {

class HostileProxy : public PushTest {
 protected:
  void SetUp() override {
    server_ = StartServer();
    ASSERT_TRUE(server_->Publish(PublicRoute()).ok());
    const std::string ports = folder_ / "ports";
    proxy_ = std::make_unique<kit::Process>(std::vector<std::string>{
        kit::ProgramPath("tollgate-proxy"), "--http-address=127.0.0.1:0", "--https-address=off",
        "--metrics-address=127.0.0.1:0", "--controller=127.0.0.1:" + std::to_string(server_->port()),
        "--tls-ca=" + files_.authorities, "--tls-cert=" + files_.certificate, "--tls-key=" + files_.key,
        "--installation=" + std::string(kInstallation), "--access-log=off", "--drain-grace=0s",
        "--port-file=" + ports});
    ports_ = kit::AwaitPorts(ports, *proxy_);
    ASSERT_FALSE(ports_.empty()) << proxy_->Stderr();
    ASSERT_TRUE(Eventually([this] { return Status() == 200; })) << proxy_->Stderr();
  }
  // Still serving, and ending cleanly (a sanitizer's findings are an exit code of their own).
  void TearDown() override {
    EXPECT_EQ(Status(), 200);
    proxy_->Signal(SIGTERM);
    EXPECT_EQ(proxy_->Wait(std::chrono::seconds(60)), 0) << proxy_->Stderr();
  }

  std::shared_ptr<const api::Snapshot> PublicRoute() const {
    kit::SnapshotBuilder builder;
    api::Route& route = builder.Route("shop/all");
    route.add_hosts("a.example");
    kit::AddTarget(kit::AddRule(route, "all"), "shop/upstream:80");
    builder.Upstream("shop/upstream:80", {"127.0.0.1"})
        .mutable_endpoints(0)
        ->set_port(static_cast<uint32_t>(upstream_.port()));
    auto snapshot = std::make_shared<api::Snapshot>(builder.Seal());
    snapshot->set_installation(kInstallation);
    api::SealSnapshot(*snapshot);
    return snapshot;
  }
  int Status() {
    kit::HttpClient client(ports_["http"]);
    return client.Get("/", {"Host: a.example"}).status;
  }
  kit::RecordingUpstream upstream_;
  kit::HostileBytes hostile_{11212026};
  std::unique_ptr<publish::SnapshotServer> server_;
  std::unique_ptr<kit::Process> proxy_;
  std::map<std::string, int> ports_;
};

TEST_F(HostileProxy, RandomBytesAtEveryPortLeaveItServing) {
  const auto random = [this] { return hostile_.Random(); };
  EXPECT_GT(kit::CountAnswered(ports_["http"], 10'000, "400", random), 5'000);
  EXPECT_GT(kit::CountAnswered(ports_["metrics"], 10'000, "400", random), 5'000);
}

TEST_F(HostileProxy, MutatedRequestsLeaveItServing) {
  const auto mutated = [this] { return hostile_.MutatedRequest(); };
  EXPECT_GT(kit::CountAnswered(ports_["http"], 1'000, "400", mutated), 100);
}

// In clear where TLS is wanted; the proxy that follows goes on following.
TEST_F(HostileProxy, RandomBytesAtThePushPortLeaveItPushing) {
  for (int i = 0; i < 10'000 && !HasFailure(); ++i) kit::AnswerTo(server_->port(), hostile_.Random());
  kit::SnapshotBuilder none;
  auto empty = std::make_shared<api::Snapshot>(none.Seal());
  empty->set_installation(kInstallation);
  api::SealSnapshot(*empty);
  ASSERT_TRUE(server_->Publish(empty).ok());
  EXPECT_TRUE(Eventually([this] { return Status() == 404; })) << proxy_->Stderr();
  ASSERT_TRUE(server_->Publish(PublicRoute()).ok());
  EXPECT_TRUE(Eventually([this] { return Status() == 200; })) << proxy_->Stderr();
}

}  // namespace
}  // namespace tollgate::push
