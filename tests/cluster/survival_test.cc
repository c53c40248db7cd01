// What dies under load, one part at a time: the API server, the controller, a proxy.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"
#include "tests/kit/load.h"

namespace tollgate::cluster {
namespace {

class Survival : public Gateway {
 protected:
  // Two callers of each proxy named.
  static std::vector<kit::LoadTarget> CallersOf(const std::vector<int>& proxies) {
    std::vector<kit::LoadTarget> targets;
    for (const int proxy : proxies) {
      kit::HttpRequest request;
      request.target = "/v1/x";
      request.headers = WithKey();
      request.headers.push_back(std::string("Host: ") + kHost);
      targets.insert(targets.end(), 2, {Installation::ProxyAddress(proxy), 8080, request});
    }
    return targets;
  }
  static void Run(const std::string& verb) {
    EXPECT_EQ(std::system((kit::SourcePath("hack/kubernetes.sh") + " " + verb).c_str()), 0);
  }
  static void Kill(kit::Process& process) {
    process.Signal(SIGKILL);
    process.Wait();
  }
  // That the callers went on, and that each was answered as ever.
  static void ExpectNoDifference(kit::Load& load) {
    const size_t before = load.answers();
    EXPECT_TRUE(load.AwaitAnswers(before + 500));
    load.Stop();
    EXPECT_EQ(load.Count(200), load.answers()) << load.Errors();
    std::printf("%zu requests, the slowest %lld ms\n", load.answers(),
                static_cast<long long>(load.slowest().count()));
  }
};

TEST_F(Survival, TheApiServersDeathChangesNoRequest) {
  kit::Load load(CallersOf({1, 2}));
  Run("kill-apiserver");
  EXPECT_TRUE(load.AwaitAnswers(load.answers() + 500));
  Run("start-apiserver");
  ASSERT_TRUE(installation->Apply(Route("after", "after.example", "/"))) << installation->said;
  EXPECT_TRUE(EventuallyServes("after.example", "/")) << installation->ControllerSaid();
  ExpectNoDifference(load);
}

TEST_F(Survival, TheControllersDeathChangesNoRequestAndEditsArriveAfter) {
  kit::Load load(CallersOf({1, 2}));
  Kill(installation->controller());
  EXPECT_TRUE(load.AwaitAnswers(load.answers() + 500));
  ASSERT_TRUE(installation->Apply(Route("meanwhile", "meanwhile.example", "/")));
  ASSERT_TRUE(installation->StartController()) << installation->ControllerSaid();
  EXPECT_TRUE(EventuallyServes("meanwhile.example", "/"));
  ExpectNoDifference(load);
}

TEST_F(Survival, TheControllerEndsCleanlyWhenTold) {
  installation->controller().Signal(SIGTERM);
  EXPECT_EQ(installation->controller().Wait(), 0) << installation->ControllerSaid();
  ASSERT_TRUE(installation->StartController()) << installation->ControllerSaid();
}

TEST_F(Survival, TheOtherProxyServesEverythingWhenOneDies) {
  kit::Load load(CallersOf({2}));
  Kill(installation->proxy(1));
  EXPECT_TRUE(load.AwaitAnswers(load.answers() + 500));
  ASSERT_TRUE(installation->StartProxy(1)) << installation->proxy(1).Stderr();
  EXPECT_TRUE(kit::Eventually([&] { return installation->Ready(1); }));
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x", WithKey()).status, 200);
  ExpectNoDifference(load);
}

TEST_F(Survival, AProxyServesFromItsJournalWithoutAController) {
  kit::Load load(CallersOf({2}));
  Kill(installation->controller());
  Kill(installation->proxy(1));
  ASSERT_TRUE(installation->StartProxy(1)) << installation->proxy(1).Stderr();
  EXPECT_TRUE(kit::Eventually([&] { return installation->Ready(1); }));
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x", WithKey()).status, 200);
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x").status, 401);
  ASSERT_TRUE(installation->StartController());
  ExpectNoDifference(load);
}

}  // namespace
}  // namespace tollgate::cluster
