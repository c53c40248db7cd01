// What dies under load, one part at a time: the API server, the controller, a proxy.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"
#include "tests/kit/load.h"

namespace tollgate::cluster {
namespace {

constexpr char kSpentKey[] = "a-key-whose-limit-is-used-up";

// Callers who are served, who come with a wrong key, and whose limit is used up: two of each at each proxy.
class Callers {
 public:
  explicit Callers(const std::vector<int>& proxies)
      : served_(At(proxies, kHost, kKey), kPause),
        refused_(At(proxies, kHost, "a-key-that-nobody-ever-had"), kPause),
        limited_(At(proxies, "spent.example", kSpentKey), kPause) {}

  // Whether each kind is answered so many times more.
  bool GoOn(size_t times = 150) {
    const auto goes_on = [=](kit::Load& load) { return load.AwaitAnswers(load.answers() + times); };
    return goes_on(served_) && goes_on(refused_) && goes_on(limited_);
  }
  // That they went on, and that each was answered as ever.
  void ExpectNoDifference() {
    EXPECT_TRUE(GoOn());
    Expect(served_, 200);
    Expect(refused_, 401);
    Expect(limited_, 429);
  }

 private:
  static constexpr std::chrono::milliseconds kPause{4};

  static std::vector<kit::LoadTarget> At(const std::vector<int>& proxies, const std::string& host,
                                         const std::string& key) {
    std::vector<kit::LoadTarget> targets;
    for (const int proxy : proxies) {
      kit::HttpRequest request;
      request.target = "/v1/x";
      request.headers = WithKey(key);
      request.headers.push_back("Host: " + host);
      targets.insert(targets.end(), 2, {Installation::ProxyAddress(proxy), 8080, request});
    }
    return targets;
  }
  static void Expect(kit::Load& load, int status) {
    load.Stop();
    EXPECT_EQ(load.Count(status), load.answers()) << testing::PrintToString(load.Statuses()) << load.Errors();
    std::printf("%zu answers of %d, the slowest took %lld ms\n", load.answers(), status,
                static_cast<long long>(load.slowest().count()));
  }

  kit::Load served_;
  kit::Load refused_;
  kit::Load limited_;
};

class Survival : public Gateway {
 protected:
  // A limit is used up, by each proxy's own count.
  void SetUp() override {
    ASSERT_TRUE(installation->Apply(Plan("spent", "  rateLimits: [{name: one, requests: 1, per: 24h}]\n") +
                                    Secret("spent", "spender", kSpentKey) +
                                    Route("spent", "spent.example", "/", "quotes", "market", "spent")))
        << installation->said;
    ASSERT_TRUE(EventuallyServes("spent.example", "/", 429, kSpentKey));
  }
  // What a test killed and left so is there for the next.
  void TearDown() override {
    if (Kubectl("get --raw /readyz").code != 0) Run("start-apiserver");
    if (!installation->controller().running()) {
      EXPECT_TRUE(installation->StartController());
    }
    for (const int proxy : {1, 2}) {
      if (installation->proxy(proxy).running()) continue;
      EXPECT_TRUE(installation->StartProxy(proxy));
    }
  }
  static void Run(const std::string& verb) {
    EXPECT_EQ(std::system((kit::SourcePath("hack/kubernetes.sh") + " " + verb).c_str()), 0);
  }
  static void Kill(kit::Process& process) {
    process.Signal(SIGKILL);
    process.Wait();
  }
  // Whether the log of a program comes to say all of this in one line.
  static bool ComesToSay(const kit::Process& process, const std::vector<std::string>& parts) {
    return kit::Eventually([&] {
      std::istringstream log(process.Stderr());
      for (std::string line; std::getline(log, line);) {
        const auto has = [&](const std::string& part) { return line.find(part) != std::string::npos; };
        if (std::all_of(parts.begin(), parts.end(), has)) return true;
      }
      return false;
    });
  }
  static bool SaysThatThePushIsLost(int proxy) {
    return ComesToSay(installation->proxy(proxy),
                      {std::string(Installation::kControllerAddress) + ":9443", "; trying again"});
  }
};

TEST_F(Survival, TheApiServersDeathChangesNoRequest) {
  Callers callers({1, 2});
  Run("kill-apiserver");
  EXPECT_TRUE(callers.GoOn());
  EXPECT_TRUE(ComesToSay(installation->controller(),
                         {"No answer from the API server at https://10.250.0.1:6443", "\"state\":"}))
      << installation->ControllerSaid();
  Run("start-apiserver");
  ASSERT_TRUE(installation->Apply(Route("after", "after.example", "/"))) << installation->said;
  EXPECT_TRUE(EventuallyServes("after.example", "/")) << installation->ControllerSaid();
  callers.ExpectNoDifference();
}

TEST_F(Survival, TheControllersDeathChangesNoRequestAndEditsArriveAfter) {
  Callers callers({1, 2});
  Kill(installation->controller());
  EXPECT_TRUE(callers.GoOn());
  for (const int proxy : {1, 2}) {
    EXPECT_TRUE(SaysThatThePushIsLost(proxy)) << installation->proxy(proxy).Stderr();
  }
  ASSERT_TRUE(installation->Apply(Route("meanwhile", "meanwhile.example", "/")));
  ASSERT_TRUE(installation->StartController()) << installation->ControllerSaid();
  EXPECT_TRUE(EventuallyServes("meanwhile.example", "/"));
  callers.ExpectNoDifference();
}

TEST_F(Survival, TheControllerEndsCleanlyWhenTold) {
  installation->controller().Signal(SIGTERM);
  EXPECT_EQ(installation->controller().Wait(), 0) << installation->ControllerSaid();
  ASSERT_TRUE(installation->StartController()) << installation->ControllerSaid();
}

TEST_F(Survival, TheOtherProxyServesEverythingWhenOneDies) {
  Callers callers({2});
  Kill(installation->proxy(1));
  EXPECT_TRUE(callers.GoOn());
  ASSERT_TRUE(installation->StartProxy(1)) << installation->proxy(1).Stderr();
  EXPECT_TRUE(kit::Eventually([&] { return installation->Ready(1); }));
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x", WithKey()).status, 200);
  callers.ExpectNoDifference();
}

// What was edited last before everything died is served, from the disk alone.
TEST_F(Survival, AProxyServesFromItsJournalWithoutAController) {
  Callers callers({2});
  ASSERT_TRUE(installation->Apply(Route("latest", "latest.example", "/"))) << installation->said;
  ASSERT_TRUE(EventuallyServes("latest.example", "/"));
  // An edit is served before it is on the disk.
  ASSERT_TRUE(
      kit::Eventually([] { return installation->Journal(1).find("latest.example") != std::string::npos; }));
  Kill(installation->controller());
  Kill(installation->proxy(1));
  ASSERT_TRUE(installation->StartProxy(1)) << installation->proxy(1).Stderr();
  EXPECT_TRUE(kit::Eventually([&] { return installation->Ready(1); }));
  EXPECT_EQ(installation->Get(1, "latest.example", "/", WithKey()).status, 200);
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x", WithKey()).status, 200);
  EXPECT_EQ(installation->Get(1, kHost, "/v1/x").status, 401);
  EXPECT_TRUE(ComesToSay(installation->proxy(1), {"serving the configuration on disk"}));
  EXPECT_TRUE(SaysThatThePushIsLost(1)) << installation->proxy(1).Stderr();
  ASSERT_TRUE(installation->StartController());
  callers.ExpectNoDifference();
}

}  // namespace
}  // namespace tollgate::cluster
