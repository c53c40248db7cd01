// What is edited while callers go on: endpoints, plans, keys. Both proxies follow, and nobody is refused for
// it.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/cluster/gateway_case.h"
#include "tests/kit/eventually.h"
#include "tests/kit/load.h"

namespace tollgate::cluster {
namespace {

class Changes : public Gateway {
 protected:
  // Two callers of each proxy.
  static std::vector<kit::LoadTarget> Callers(const std::string& host) {
    std::vector<kit::LoadTarget> targets;
    for (const int proxy : {1, 2, 1, 2}) {
      kit::HttpRequest request;
      request.headers = WithKey();
      request.headers.push_back("Host: " + host);
      targets.push_back({Installation::ProxyAddress(proxy), 8080, request});
    }
    return targets;
  }

  // Milliseconds from the end of a kubectl command until both proxies answer so.
  static double UntilBothAnswer(const std::function<bool()>& both) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(kit::Eventually(both));
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  }
};

class Endpoints : public Changes {
 protected:
  static constexpr char kMoving[] = "moving.example";

  static bool AnsweredBy(int proxy, const std::string& upstream) {
    return installation->Get(proxy, kMoving, "/", WithKey()).Header("x-upstream") == upstream;
  }
  // Once both have followed, nothing goes to the old endpoint any more.
  static void ExpectOnly(const std::string& upstream) {
    for (int i = 0; i < 20; ++i) {
      for (const int proxy : {1, 2})
        EXPECT_TRUE(AnsweredBy(proxy, upstream)) << "answer " << i << " of " << proxy;
    }
  }
  static size_t Lines(const std::string& upstream) {
    const std::string log = installation->UpstreamLog(upstream);
    return static_cast<size_t>(std::count(log.begin(), log.end(), '\n'));
  }

  // Moves the Service from one upstream to another, and ends the old one when it is not asked any more.
  static void Move(const std::string& from, const std::string& to, const kit::Load& load) {
    ASSERT_TRUE(installation->ApplyService("market", "moving", {to})) << installation->said;
    const double took = UntilBothAnswer([&] { return AnsweredBy(1, to) && AnsweredBy(2, to); });
    std::printf("endpoints moved %.0f ms after kubectl\n", took);
    ExpectOnly(to);
    size_t asked = 0;
    ASSERT_TRUE(kit::Eventually([&] {
      asked = Lines(from);
      return load.AwaitAnswers(load.answers() + 100) && Lines(from) == asked;
    })) << from
        << " is still asked";
    installation->StopUpstream(from);
    EXPECT_TRUE(load.AwaitAnswers(load.answers() + 200));
    ASSERT_TRUE(installation->StartUpstream(from));
  }
};

TEST_F(Endpoints, MoveWithoutAFailedRequest) {
  // The upstreams of the other tests go on: these are stopped.
  ASSERT_TRUE(installation->StartUpstream("here"));
  ASSERT_TRUE(installation->StartUpstream("there"));
  ASSERT_TRUE(installation->ApplyService("market", "moving", {"here"}));
  ASSERT_TRUE(installation->Apply(Route("moving", kMoving, "/", "moving")));
  ASSERT_TRUE(EventuallyServes(kMoving, "/"));
  kit::Load load(Callers(kMoving), std::chrono::milliseconds(2));
  ASSERT_TRUE(load.AwaitAnswers(200));
  ASSERT_NO_FATAL_FAILURE(Move("here", "there", load));
  ASSERT_NO_FATAL_FAILURE(Move("there", "here", load));
  ASSERT_NO_FATAL_FAILURE(Move("here", "there", load));
  load.Stop();
  EXPECT_EQ(load.Count(200), load.answers()) << testing::PrintToString(load.Statuses()) << load.Errors();
  std::printf("%zu requests, the slowest %lld ms\n", load.answers(),
              static_cast<long long>(load.slowest().count()));
}

class PlanEdits : public Changes {
 protected:
  static constexpr char kBriefKey[] = "bobs-key-bobs-key-bobs";

  void SetUp() override {
    ASSERT_TRUE(installation->Apply(Plan("brief") + Secret("brief", "bob", kBriefKey) +
                                    Route("brief", "brief.example", "/", "quotes", "market", "brief")))
        << installation->said;
    ASSERT_TRUE(EventuallyServes("brief.example", "/", 200, kBriefKey));
  }
  static kit::HttpAnswer Ask(int proxy) {
    return installation->Get(proxy, "brief.example", "/", WithKey(kBriefKey));
  }
  // Milliseconds until both proxies answer with this status.
  static double UntilBoth(int status) {
    return UntilBothAnswer([=] { return Ask(1).status == status && Ask(2).status == status; });
  }
  static double Edit(const std::string& terms, int status) {
    EXPECT_TRUE(installation->Apply(Plan("brief", terms))) << installation->said;
    return UntilBoth(status);
  }
  static std::string Problem(const kit::HttpAnswer& answer) {
    return nlohmann::json::parse(answer.body, nullptr, false).value("type", "");
  }
};

TEST_F(PlanEdits, WhatAPlanAllowsAndARevokedKeyTakeEffect) {
  const double narrowed = Edit("  allow: {operations: [nothing]}\n", 403);
  for (const int proxy : {1, 2}) {
    EXPECT_EQ(Problem(Ask(proxy)), "https://tollgate.dev/problems/operation-not-allowed");
  }
  const double widened = Edit("", 200);
  EXPECT_EQ(Kubectl("delete secret -n market bob").code, 0);
  const double revoked = UntilBoth(401);
  for (const int proxy : {1, 2}) {
    EXPECT_EQ(Problem(Ask(proxy)), "https://tollgate.dev/problems/credential-refused");
  }
  std::printf("after kubectl: plan narrowed %.0f ms, widened %.0f ms, key revoked %.0f ms\n", narrowed,
              widened, revoked);
}

// Each proxy counts for itself here, in memory.
TEST_F(PlanEdits, ARateLimitThatIsChangedHoldsForBothProxies) {
  const double limited = Edit("  rateLimits: [{name: hourly, requests: 2, per: 1h}]\n", 429);
  for (const int proxy : {1, 2}) {
    EXPECT_EQ(Problem(Ask(proxy)), "https://tollgate.dev/problems/rate-limited");
    EXPECT_EQ(Ask(proxy).Header("ratelimit-policy"), "\"hourly\";q=2;w=3600");
  }
  const double raised = Edit("  rateLimits: [{name: hourly, requests: 1000, per: 1h}]\n", 200);
  std::printf("after kubectl: limited %.0f ms, raised %.0f ms\n", limited, raised);
}

TEST_F(PlanEdits, CreditsThatAreChangedHoldForBothProxies) {
  const std::string window = ", window: {type: Calendar, calendar: Year}}\n";
  const double limited = Edit("  quota: {credits: 2" + window, 429);
  for (const int proxy : {1, 2}) {
    EXPECT_EQ(Problem(Ask(proxy)), "https://tollgate.dev/problems/credits-exhausted");
  }
  const double raised = Edit("  quota: {credits: 1000" + window, 200);
  std::printf("after kubectl: credits limited %.0f ms, raised %.0f ms\n", limited, raised);
}

}  // namespace
}  // namespace tollgate::cluster
