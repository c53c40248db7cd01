// One tollgate-proxy takes over from another: from the configuration on the disk, or once it has one.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/kit/http_client.h"
#include "tests/kit/process.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/unit/push/push_fixture.h"

namespace tollgate::push {
namespace {

using ::testing::HasSubstr;

class ProxyTakeoverTest : public PushTest {
 protected:
  struct Proxy {
    std::unique_ptr<kit::Process> process;
    std::string port_file;
  };

  std::shared_ptr<api::Snapshot> PublicRoute() const {
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
  Proxy StartProxy(const std::string& name, const std::string& state, int controller) const {
    Proxy proxy;
    proxy.port_file = folder_ / (name + ".ports");
    proxy.process = std::make_unique<kit::Process>(std::vector<std::string>{
        kit::ProgramPath("tollgate-proxy"), "--http-address=127.0.0.1:0", "--https-address=off",
        "--metrics-address=127.0.0.1:0", "--controller=127.0.0.1:" + std::to_string(controller),
        "--tls-ca=" + files_.authorities, "--tls-cert=" + files_.certificate, "--tls-key=" + files_.key,
        "--installation=" + std::string(kInstallation), "--state-dir=" + (folder_ / state),
        "--access-log=off", "--drain-grace=1h", "--takeover-socket=" + (folder_ / "takeover"),
        "--port-file=" + proxy.port_file});
    return proxy;
  }
  // The first one, with a configuration.
  void StartFirst() {
    server_ = StartServer();
    ASSERT_TRUE(server_->Publish(PublicRoute()).ok());
    first_ = StartProxy("first", "state", server_->port());
    ports_ = kit::AwaitPorts(first_.port_file, *first_.process);
    ASSERT_TRUE(Eventually([this] { return Ready() == 200; })) << first_.process->Stderr();
    ASSERT_TRUE(Eventually([this] { return !folder_.Read("state/snapshot.journal").empty(); }));
  }
  int Ready() { return kit::HttpClient(ports_["metrics"]).Get("/readyz").status; }
  int Status() { return kit::HttpClient(ports_["http"]).Get("/", {"Host: a.example"}).status; }
  void ExpectTakenOverBy(Proxy& next) {
    const auto ports = kit::AwaitPorts(next.port_file, *next.process);
    EXPECT_EQ(ports, ports_) << next.process->Stderr();
    EXPECT_EQ(first_.process->Wait(), 0) << first_.process->Stderr();
    EXPECT_EQ(Ready(), 200);
    EXPECT_EQ(Status(), 200);
  }

  const kit::RecordingUpstream upstream_;
  std::unique_ptr<publish::SnapshotServer> server_;
  Proxy first_;
  std::map<std::string, int> ports_;
};

TEST_F(ProxyTakeoverTest, TheNextOneBeginsWithTheConfigurationOnTheDisk) {
  StartFirst();
  Proxy next = StartProxy("next", "state", 1);  // where no controller is
  ExpectTakenOverBy(next);
}

TEST_F(ProxyTakeoverTest, TheNextOneWaitsForItsConfigurationAndMayDieMeanwhile) {
  StartFirst();
  Proxy next = StartProxy("next", "empty", 1);
  const auto waits = [&] { return next.process->Stderr().find("before taking over") != std::string::npos; };
  ASSERT_TRUE(Eventually(waits)) << next.process->Stderr();
  EXPECT_EQ(Status(), 200);
  next.process->Signal(SIGKILL);
  next.process->Wait();
  EXPECT_TRUE(Eventually([this] { return first_.process->Stderr().find("serves on") != std::string::npos; }));
  EXPECT_EQ(Ready(), 200);
  EXPECT_EQ(Status(), 200);
  Proxy last = StartProxy("last", "other", server_->port());
  ExpectTakenOverBy(last);
}

// Callers would else wait in queues that nobody accepts from.
TEST_F(ProxyTakeoverTest, TheNextOneServesWithoutAConfigurationWhereTheOneBeforeEnds) {
  StartFirst();
  Proxy next = StartProxy("next", "empty", 1);
  const auto waits = [&] { return next.process->Stderr().find("before taking over") != std::string::npos; };
  ASSERT_TRUE(Eventually(waits)) << next.process->Stderr();
  first_.process->Signal(SIGKILL);
  EXPECT_EQ(kit::AwaitPorts(next.port_file, *next.process), ports_);
  EXPECT_EQ(Status(), 503);
  EXPECT_EQ(Ready(), 503);
}

}  // namespace
}  // namespace tollgate::push
