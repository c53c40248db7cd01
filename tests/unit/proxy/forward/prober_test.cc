// Probes of endpoints: what is asked, and what comes of the answers.
#include "proxy/forward/prober.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

constexpr char kGood[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr char kBad[] = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";

class ProberTest : public ForwarderFixture {
 protected:
  ProberTest() { Want("/healthz"); }
  void Want(const std::string& path) {
    api::ActiveHealth& health = *rule().mutable_active_health();
    health.set_path(path);
    health.set_interval_ms(1);
    health.set_timeout_ms(20'000);
    health.set_unhealthy_after(2);
    health.set_healthy_after(1);
  }
  // Probes until the upstream has been asked so often and `more` holds.
  template <class More>
  void ProbeUntil(size_t asked, More more) {
    catalog_ = builder_.Build();
    Prober prober(loop_, 1);
    prober.Follow(std::make_shared<const ForwardTables>(*catalog_, book_));
    RunUntil([this, asked, more] { return received().size() >= asked && more(); });
  }
  template <class Holds>
  void RunUntil(Holds holds) {
    Run([](ProberTest& test, Holds condition) -> io::Task<void> {
      while (!condition()) {
        io::Loop::Sleeper pause = test.loop_.Sleep(std::chrono::milliseconds(1));
        co_await pause;
      }
    }(*this, holds));
  }
  Endpoint& endpoint() {
    endpoint_ = book_.Get("127.0.0.1", port());
    return *endpoint_;
  }
  bool Available() { return endpoint().health.Available(SteadyNow()); }

  std::shared_ptr<const snapshot::Catalog> catalog_;
  EndpointBook book_;
  std::shared_ptr<Endpoint> endpoint_;
};

TEST_F(ProberTest, AsManyFailuresInARowAsAreTooManyLeaveItOut) {
  (void)endpoint();
  for (const char* answer : {kBad, kGood, kBad, kBad}) OnConnection({{answer, "\r\n\r\n", true}});
  ProbeUntil(4, [this] { return endpoint().health.failing() && !Available(); });
  EXPECT_TRUE(received()[0].starts_with("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST_F(ProberTest, OneThatAnswersComesBackWithItsFirstShare) {
  (void)endpoint();
  for (const char* answer : {kBad, kBad, kGood}) OnConnection({{answer, "\r\n\r\n", true}});
  for (int i = 0; i < 1'000; ++i) OnConnection({{kGood, "\r\n\r\n", true}});
  ProbeUntil(3, [this] { return Available(); });
  EXPECT_LT(endpoint().health.Share(SteadyNow()), EndpointHealth::kWholeShare);
}

TEST_F(ProberTest, AnInterimAnswerIsNone) {
  (void)endpoint();
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
  for (int i = 0; i < 1'000; ++i) OnConnection({{interim + kBad, "\r\n\r\n", true}});
  ProbeUntil(2, [this] { return !Available(); });
}

TEST_F(ProberTest, WhatIsKnownStaysWhereNothingAboutTheProbesChanges) {
  (void)endpoint();
  for (int i = 0; i < 1'000; ++i) OnConnection({{kBad, "\r\n\r\n", true}});
  catalog_ = builder_.Build();
  Prober prober(loop_, 1);
  prober.Follow(std::make_shared<const ForwardTables>(*catalog_, book_));
  RunUntil([this] { return !Available(); });
  prober.Follow(std::make_shared<const ForwardTables>(*catalog_, book_));
  EXPECT_TRUE(endpoint().health.failing());
  Want("/other");
  catalog_ = builder_.Build();
  prober.Follow(std::make_shared<const ForwardTables>(*catalog_, book_));
  EXPECT_FALSE(endpoint().health.failing());
}

}  // namespace
}  // namespace tollgate::forward
