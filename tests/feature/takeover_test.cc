// The gateway is replaced by another process while requests come: none of them may fail or be refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>

#include "proxy/takeover/successor.h"
#include "tests/feature/steady_caller.h"
#include "tests/kit/certificate.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/load.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Takeover : public testing::Test {
 protected:
  Takeover() {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
  }
  // Its grace ends when nobody is connected any more.
  std::vector<std::string> Flags(unsigned threads) const {
    return {"--takeover-socket=" + path_, "--threads=" + std::to_string(threads), "--drain-grace=1h"};
  }
  void Start() { ASSERT_TRUE(gateway_.Start(Flags(2))) << gateway_.Stderr(); }
  // Starts the next process; the ports are the same. Where it serves, the one before ends by itself.
  void Replace(unsigned threads) {
    const int port = gateway_.port(), metrics = gateway_.metrics_port();
    const std::unique_ptr<kit::Process> before = gateway_.Succeed(Flags(threads));
    ASSERT_TRUE(gateway_.process().running()) << gateway_.Stderr();
    EXPECT_EQ(gateway_.port(), port);
    EXPECT_EQ(gateway_.metrics_port(), metrics);
    EXPECT_EQ(before->Wait(), 0) << before->Stderr();
    EXPECT_THAT(before->Stderr(), HasSubstr("another process has taken over"));
  }

  kit::TempFolder folder_;
  const std::string path_ = folder_ / "takeover";
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

// As many callers who keep their connection as such who connect anew.
class Callers {
 public:
  explicit Callers(int port) {
    for (int i = 0; i < 4; ++i) callers_.push_back(std::make_unique<SteadyCaller>(port, i % 2 == 0));
  }
  // Waits for a hundred more answers to each.
  bool GoOn() {
    std::vector<int> before;
    for (const auto& caller : callers_) before.push_back(caller->answered);
    return kit::Eventually([&] {
      for (size_t i = 0; i < callers_.size(); ++i) {
        if (callers_[i]->answered < before[i] + 100) return false;
      }
      return true;
    });
  }
  int Failed() {
    int failed = 0;
    for (const auto& caller : callers_) {
      caller->Stop();
      failed += caller->failed;
    }
    return failed;
  }

 private:
  std::vector<std::unique_ptr<SteadyCaller>> callers_;
};

TEST_F(Takeover, FiveReplacementsFailNoRequest) {
  Start();
  Callers callers(gateway_.port());
  for (const unsigned threads : {1U, 3U, 2U, 1U, 2U}) {
    EXPECT_TRUE(callers.GoOn());
    Replace(threads);
  }
  EXPECT_TRUE(callers.GoOn());
  EXPECT_EQ(callers.Failed(), 0);
  EXPECT_EQ(kit::HttpClient(gateway_.metrics_port()).Get("/readyz").status, 200);
}

TEST_F(Takeover, NorDoTheyOverTlsAndHttp2) {
  const kit::Certificate certificate = kit::MakeCertificate({"a.example"});
  std::string route = kit::PublicRoute("a.example");
  route.insert(route.find("  access:"), "  tls: {certificateRefs: [{name: a}]}\n");
  gateway_.Write("secret.yaml", kit::TlsSecret("test", "a", certificate)).Write("route.yaml", route);
  Start();
  std::vector<kit::LoadTarget> targets(4);
  for (size_t i = 0; i < targets.size(); ++i) {
    targets[i].request.headers = {"Host: a.example"};
    targets[i].request.own_connection = i == 0;
    targets[i].tls = kit::TlsTarget{"a.example", gateway_.https_port(), certificate.chain};
    targets[i].tls->version = i < 2 ? kit::HttpVersion::k1 : kit::HttpVersion::k2;
  }
  kit::Load load(targets, std::chrono::milliseconds(2));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(load.AwaitAnswers(load.answers() + 100));
    Replace(2);
  }
  EXPECT_TRUE(load.AwaitAnswers(load.answers() + 100));
  load.Stop();
  EXPECT_EQ(load.Count(200), load.answers()) << load.Errors();
}

TEST_F(Takeover, ASuccessorThatDiesBeforeItIsReadyFailsNoRequest) {
  Start();
  Callers callers(gateway_.port());
  for (int i = 0; i < 5; ++i) {
    auto successor = takeover::Successor::Ask(path_);
    ASSERT_TRUE(successor.ok()) << successor.error().message;
    EXPECT_EQ(successor->inheritance().size(), 5U) << "two cores with http and https, and the metrics";
    EXPECT_TRUE(callers.GoOn());
  }
  EXPECT_TRUE(callers.GoOn());
  Replace(2);
  EXPECT_TRUE(callers.GoOn());
  EXPECT_EQ(callers.Failed(), 0);
}

TEST_F(Takeover, AProcessThatWasKilledIsFollowedByOneThatOpensItsOwn) {
  Start();
  gateway_.process().Signal(SIGKILL);
  gateway_.process().Wait();
  Start();
  EXPECT_EQ(kit::HttpClient(gateway_.port()).Get("/", {"Host: a.example"}).status, 200);
}

TEST_F(Takeover, TheSignalThatFollowsCutsNothing) {
  Start();
  kit::RawClient kept(gateway_.port());
  kept.Send(SteadyCaller::kRequest);
  kept.ReadUntil(SteadyCaller::kEnd);
  const std::unique_ptr<kit::Process> before = gateway_.Succeed(Flags(2));
  ASSERT_TRUE(kit::Eventually([&] { return before->Stderr().find("this one drains") != std::string::npos; }));
  before->Signal(SIGTERM);
  kept.Send(SteadyCaller::kRequest);
  EXPECT_THAT(kept.ReadToEnd(), AllOf(HasSubstr("200 OK"), HasSubstr("Connection: close")));
  EXPECT_EQ(before->Wait(), 0) << before->Stderr();
}

TEST_F(Takeover, WithoutTheFlagTheAddressIsTaken) {
  Start();
  kit::Gateway other;
  EXPECT_FALSE(other.Start({"--http-address=127.0.0.1:" + std::to_string(gateway_.port())}));
  EXPECT_THAT(other.Stderr(), HasSubstr("stop what listens there"));
}

}  // namespace
}  // namespace tollgate
