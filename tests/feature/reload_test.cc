// Files edited while the gateway runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

class Reload : public testing::Test {
 protected:
  void SetUp() override {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  }
  int StatusFor(const std::string& host) {
    kit::HttpClient client(gateway_.port());
    return client.Get("/", {"Host: " + host}).status;
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(Reload, AnEditIsLiveWithoutARestart) {
  EXPECT_EQ(StatusFor("b.example"), 404);
  gateway_.Write("route.yaml", kit::PublicRoute("b.example"));
  EXPECT_TRUE(kit::Eventually([&] { return StatusFor("b.example") == 200; }));
  EXPECT_EQ(StatusFor("a.example"), 404);
}

TEST_F(Reload, AFileThatCannotBeReadChangesNothing) {
  gateway_.Write("route.yaml", "kind: [unclosed");
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.Stderr().find("the configuration before it serves on") != std::string::npos; }));
  EXPECT_THAT(gateway_.Stderr(), testing::HasSubstr("route.yaml:1"));
  EXPECT_EQ(StatusFor("a.example"), 200);
}

TEST_F(Reload, AnObjectThatAClusterWouldRefuseChangesNothing) {
  std::string broken = kit::PublicRoute("b.example");
  broken.replace(broken.find("access: Public"), 14, "access: Anyone");
  gateway_.Write("route.yaml", broken);
  EXPECT_TRUE(kit::Eventually([&] { return gateway_.Stderr().find("spec.access") != std::string::npos; }));
  EXPECT_EQ(StatusFor("a.example"), 200);
  EXPECT_EQ(StatusFor("b.example"), 404);
}

TEST_F(Reload, AFileThatCannotBeFollowedIsARefusedApply) {
  const std::string loop = gateway_.manifests / "loop.yaml";
  ASSERT_EQ(symlink("loop.yaml", loop.c_str()), 0);
  EXPECT_TRUE(kit::Eventually([&] { return gateway_.Stderr().find("loop.yaml") != std::string::npos; }));
  EXPECT_EQ(StatusFor("a.example"), 200);
}

TEST_F(Reload, ANewFileInANewFolderIsFound) {
  std::string second = kit::PublicRoute("c.example");
  second.replace(second.find("name: upstream"), 14, "name: second");
  gateway_.Write("more/second.yaml", second);
  EXPECT_TRUE(kit::Eventually([&] { return StatusFor("c.example") == 200; }));
}

TEST_F(Reload, ARemovedRouteIsGone) {
  gateway_.manifests.Remove("route.yaml");
  EXPECT_TRUE(kit::Eventually([&] { return StatusFor("a.example") == 404; }));
}

TEST_F(Reload, EndpointsMoveWithoutAFailedRequest) {
  kit::RecordingUpstream other;
  std::atomic<bool> stop = false;
  std::atomic<int> failed = 0;
  std::thread caller([&] {
    kit::HttpClient client(gateway_.port());
    while (!stop) failed += client.Get("/", {"Host: a.example"}).status == 200 ? 0 : 1;
  });
  for (int i = 0; i < 6; ++i) {
    kit::RecordingUpstream& next = i % 2 == 0 ? other : upstream_;
    next.Forget();
    gateway_.WriteService("test", "upstream", next.port());
    EXPECT_TRUE(kit::Eventually([&] { return !next.Complete().empty(); }));
  }
  stop = true;
  caller.join();
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace tollgate
