// What tollgate-proxy makes of the state folder that it finds: it serves what it may, says why not of the
// rest, and follows the controller in any case.
#include <gmock/gmock.h>

#include <csignal>

#include "proxy/snapshot/journal.h"
#include "proxy/snapshot/journal_format.h"
#include "tests/kit/http_client.h"
#include "tests/kit/process.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/unit/push/push_fixture.h"

namespace tollgate::push {
namespace {

using ::testing::HasSubstr;

class RestartTest : public PushTest {
 protected:
  // A whole configuration: one public route to the test's upstream.
  std::shared_ptr<api::Snapshot> PublicRoute(uint32_t schema = api::kSnapshotSchema,
                                             const std::string& installation = kInstallation) const {
    kit::SnapshotBuilder builder;
    api::Route& route = builder.Route("shop/all");
    route.add_hosts("a.example");
    kit::AddTarget(kit::AddRule(route, "all"), "shop/upstream:80");
    builder.Upstream("shop/upstream:80", {"127.0.0.1"})
        .mutable_endpoints(0)
        ->set_port(static_cast<uint32_t>(upstream_.port()));
    auto snapshot = std::make_shared<api::Snapshot>(builder.Seal());
    snapshot->set_schema(schema);
    snapshot->set_installation(installation);
    api::SealSnapshot(*snapshot);
    return snapshot;
  }

  void StartOver(const std::string& journal) {
    folder_.Write("state/snapshot.journal", journal);
    server_ = StartServer();
    const std::string ports = folder_ / "ports";
    proxy_ = std::make_unique<kit::Process>(std::vector<std::string>{
        kit::ProgramPath("tollgate-proxy"), "--http-address=127.0.0.1:0", "--https-address=off",
        "--metrics-address=127.0.0.1:0", "--controller=127.0.0.1:" + std::to_string(server_->port()),
        "--tls-ca=" + files_.authorities, "--tls-cert=" + files_.certificate, "--tls-key=" + files_.key,
        "--installation=" + std::string(kInstallation), "--state-dir=" + (folder_ / "state"),
        "--access-log=off", "--drain-grace=0s", "--port-file=" + ports});
    ports_ = kit::AwaitPorts(ports, *proxy_);
    ASSERT_FALSE(ports_.empty()) << proxy_->Stderr();
  }

  // The file is not served, for this reason and with this remedy, until a controller brings a new one.
  void ExpectNotServed(const std::string& journal, const std::string& reason, const std::string& remedy) {
    StartOver(journal);
    EXPECT_EQ(Ready(), 503);
    EXPECT_NE(Status(), 200);
    EXPECT_THAT(proxy_->Stderr(), HasSubstr("the state file \\\"" + (folder_ / "state/snapshot.journal") +
                                            "\\\" is not served"));
    EXPECT_THAT(proxy_->Stderr(), HasSubstr(reason));
    EXPECT_THAT(proxy_->Stderr(), HasSubstr(remedy));
    ASSERT_TRUE(server_->Publish(PublicRoute()).ok());
    EXPECT_TRUE(Eventually([this] { return Ready() == 200; })) << proxy_->Stderr();
    EXPECT_EQ(Status(), 200);
  }

  int Ready() { return kit::HttpClient(ports_["metrics"]).Get("/readyz").status; }
  int Status() { return kit::HttpClient(ports_["http"]).Get("/", {"Host: a.example"}).status; }

  const kit::RecordingUpstream upstream_;
  std::unique_ptr<publish::SnapshotServer> server_;
  std::unique_ptr<kit::Process> proxy_;
  std::map<std::string, int> ports_;
};

TEST_F(RestartTest, WhatWasServedIsServedAgainWithoutAController) {
  StartOver(snapshot::EncodeJournal(*PublicRoute()));
  EXPECT_EQ(Ready(), 200);
  EXPECT_EQ(Status(), 200);
  EXPECT_THAT(proxy_->Stderr(), HasSubstr("serving the configuration on disk"));
}

// As the release before this one wrote it: without settings.
TEST_F(RestartTest, OlderSchemaIsServed) {
  StartOver(snapshot::EncodeJournal(*PublicRoute(1)));
  EXPECT_EQ(Ready(), 200);
  EXPECT_EQ(Status(), 200);
}

TEST_F(RestartTest, DamagedFileIsSetAsideAndAwaitsTheController) {
  std::string damaged = snapshot::EncodeJournal(*PublicRoute());
  damaged.back() = static_cast<char>(~damaged.back());
  ExpectNotServed(damaged, "its content does not match its checksum", "a controller brings a new one");
  EXPECT_EQ(folder_.Read("state/snapshot.journal.corrupt"), damaged);
}

TEST_F(RestartTest, NewerSchemaIsNotServedAndAwaitsTheController) {
  ExpectNotServed(snapshot::EncodeJournal(*PublicRoute(api::kSnapshotSchema + 1)),
                  "the snapshot has schema " + std::to_string(api::kSnapshotSchema + 1),
                  "upgrade the proxies to the controller's release");
}

TEST_F(RestartTest, AnotherInstallationsFileIsNotServedAndAwaitsTheController) {
  ExpectNotServed(snapshot::EncodeJournal(*PublicRoute(api::kSnapshotSchema, "other")),
                  "it is of installation \\\"other\\\", this proxy is of \\\"shop\\\"",
                  "give each its own --state-dir");
}

}  // namespace
}  // namespace tollgate::push
