// The end of a gateway that others still send requests to: none of them may fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/feature/steady_caller.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kRequest = SteadyCaller::kRequest;
constexpr const char* kEnd = SteadyCaller::kEnd;

class Drain : public testing::Test {
 protected:
  void Start(const std::vector<std::string>& flags) {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start(flags)) << gateway_.Stderr();
  }
  bool Ready() { return kit::HttpClient(gateway_.metrics_port()).Get("/readyz").status == 200; }
  bool Open(int connections) { return gateway_.Metric("tollgate_proxy_connections") == connections; }
  void Signal(int signal) { gateway_.process().Signal(signal); }
  // Nothing that happens meanwhile is seen before `meanwhile` has ended.
  void WhileStopped(const std::function<void()>& meanwhile) {
    Signal(SIGSTOP);
    meanwhile();
    Signal(SIGCONT);
  }
  bool Ends() { return gateway_.process().Wait() == 0; }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(Drain, NoRequestFailsWhileTheGraceLasts) {
  Start({"--drain-grace=1h"});
  SteadyCaller keeps_alive(gateway_.port(), true);
  SteadyCaller connects_anew(gateway_.port(), false);
  EXPECT_TRUE(kit::Eventually([&] { return keeps_alive.answered > 200 && connects_anew.answered > 200; }));
  EXPECT_EQ(keeps_alive.told + connects_anew.told, 0);
  Signal(SIGTERM);
  EXPECT_TRUE(kit::Eventually([&] { return keeps_alive.told > 200 && connects_anew.told > 200; }));
  keeps_alive.Stop();
  connects_anew.Stop();
  EXPECT_EQ(keeps_alive.failed, 0);
  EXPECT_EQ(connects_anew.failed, 0);
}

TEST_F(Drain, ReadinessIsOffAtOnceAndEveryAnswerClosesItsConnection) {
  Start({"--drain-grace=1h"});
  kit::RawClient kept(gateway_.port());
  kept.Send(kRequest);
  EXPECT_THAT(kept.ReadUntil(kEnd), Not(HasSubstr("Connection: close")));
  Signal(SIGTERM);
  EXPECT_TRUE(kit::Eventually([&] { return !Ready(); }));
  kept.Send(kRequest);
  EXPECT_THAT(kept.ReadToEnd(), HasSubstr("Connection: close"));
  kit::RawClient fresh(gateway_.port());
  fresh.Send("GET / HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(fresh.ReadToEnd(), HasSubstr("Connection: close"));
  EXPECT_TRUE(gateway_.process().running());
}

TEST_F(Drain, WhatWaitsInTheListenersQueueIsServed) {
  Start({});
  std::vector<std::unique_ptr<kit::RawClient>> waiting;
  WhileStopped([&] {
    for (int i = 0; i < 100; ++i) {
      waiting.push_back(std::make_unique<kit::RawClient>(gateway_.port()));
      waiting.back()->Send(kRequest);
    }
    Signal(SIGTERM);
  });
  for (const auto& client : waiting) EXPECT_THAT(client->ReadToEnd(), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(Ends()) << gateway_.Stderr();
}

TEST_F(Drain, ARequestThatHasArrivedOnAnIdleConnectionIsServed) {
  Start({});
  kit::RawClient kept(gateway_.port());
  kept.Send(kRequest);
  kept.ReadUntil(kEnd);
  kit::RawClient fresh(gateway_.port());
  ASSERT_TRUE(kit::Eventually([&] { return Open(2); }));
  WhileStopped([&] {
    Signal(SIGTERM);
    kept.Send(kRequest);
    fresh.Send(kRequest);
  });
  for (kit::RawClient* client : {&kept, &fresh}) EXPECT_THAT(client->ReadToEnd(), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(Ends()) << gateway_.Stderr();
}

TEST_F(Drain, IdleConnectionsHoldNothingUp) {
  Start({"--drain-timeout=1h"});
  kit::RawClient kept(gateway_.port());
  kept.Send(kRequest);
  kept.ReadUntil(kEnd);
  kit::RawClient silent(gateway_.port());
  ASSERT_TRUE(kit::Eventually([&] { return Open(2); }));
  Signal(SIGTERM);
  EXPECT_TRUE(Ends()) << gateway_.Stderr();
  EXPECT_EQ(kept.ReadToEnd() + silent.ReadToEnd(), "");
  EXPECT_THAT(gateway_.Stderr(), Not(HasSubstr("were cut")));
}

TEST_F(Drain, WhatIsUnderWayIsFinished) {
  Start({});
  kit::RawClient raw(gateway_.port());
  raw.Send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(kit::Eventually([&] { return upstream_.begun() == 1; }));
  Signal(SIGTERM);
  EXPECT_TRUE(kit::Eventually([&] { return !Ready(); }));
  raw.Send("cd");
  const std::string answer = raw.ReadToEnd();
  EXPECT_THAT(answer, HasSubstr("200 OK"));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_TRUE(Ends());
}

// Requests whose upstream never answers.
class StuckDrain : public Drain {
 protected:
  void StartStuck(const std::vector<std::string>& flags) {
    upstream_.SetAnswer("");
    Start(flags);
    for (auto* stuck : {&first_, &second_}) {
      *stuck = std::make_unique<kit::RawClient>(gateway_.port());
      (*stuck)->Send("GET / HTTP/1.1\r\nHost: a.example\r\nX-Request-Id: stuck\r\n\r\n");
    }
    ASSERT_TRUE(kit::Eventually([&] { return upstream_.Complete().size() == 2; }));
  }
  void ExpectCut() {
    EXPECT_TRUE(Ends()) << gateway_.Stderr();
    EXPECT_EQ(first_->ReadToEnd() + second_->ReadToEnd(), "");
    EXPECT_THAT(gateway_.Stderr(), HasSubstr("connections were cut"));
    EXPECT_THAT(gateway_.Stderr(), HasSubstr("\"connections\":\"2\""));
    const std::string log = gateway_.AccessLog();
    EXPECT_THAT(log, HasSubstr("\"reason\":\"drain-cut\",\"route\":\"test/upstream\""));
    EXPECT_THAT(log, HasSubstr("\"requestId\":\"stuck\""));
    EXPECT_THAT(log, HasSubstr("\"problem\":\"draining\""));
  }
  std::unique_ptr<kit::RawClient> first_, second_;
};

TEST_F(StuckDrain, EndsAtItsLimitAndSaysWhatItCut) {
  StartStuck({"--drain-timeout=100ms"});
  Signal(SIGTERM);
  ExpectCut();
}

TEST_F(StuckDrain, EndsAtASecondSignal) {
  StartStuck({"--drain-timeout=1h"});
  Signal(SIGTERM);
  ASSERT_TRUE(kit::Eventually([&] { return !Ready(); }));
  Signal(SIGINT);
  ExpectCut();
}

TEST_F(StuckDrain, EndsAtASecondSignalWithinTheGrace) {
  StartStuck({"--drain-grace=1h", "--drain-timeout=1h"});
  Signal(SIGTERM);
  ASSERT_TRUE(kit::Eventually([&] { return !Ready(); }));
  Signal(SIGTERM);
  ExpectCut();
}

}  // namespace
}  // namespace tollgate
