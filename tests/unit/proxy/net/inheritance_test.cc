// A gateway that takes the listeners of another one over, with more cores or fewer: nobody who waits in a
// queue is lost, whichever of the two goes on.
#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "proxy/net/drain.h"
#include "tests/kit/eventually.h"
#include "tests/kit/raw_client.h"

namespace tollgate::net {
namespace {

using ::testing::StartsWith;

class InheritanceTest : public ::testing::Test {
 protected:
  GatewayOptions Options(unsigned threads) const {
    return {.http_address = address_, .threads = threads, .access_log = "off"};
  }
  std::unique_ptr<Gateway> Open(unsigned threads) {
    auto gateway = Gateway::Open(Options(threads), clock_);
    EXPECT_TRUE(gateway.ok()) << gateway.error().message;
    address_ = (*gateway)->http_address();
    return std::move(*gateway);
  }
  std::unique_ptr<Gateway> OpenAfter(const Gateway& before, unsigned threads) {
    takeover::Inheritance inheritance;
    for (takeover::Listener& listener : before.Listeners()) inheritance.Add(std::move(listener));
    auto gateway = Gateway::Open(Options(threads), clock_, inheritance);
    EXPECT_TRUE(gateway.ok()) << gateway.error().message;
    EXPECT_EQ(inheritance.size(), 0U);
    return std::move(*gateway);
  }
  void Connect(int count) {
    for (int i = 0; i < count; ++i) {
      callers_.push_back(std::make_unique<kit::RawClient>(address_.port()));
      callers_.back()->Send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    }
  }
  // There is no configuration, which is all that they need to hear.
  void ExpectAllAnswered() {
    for (const auto& caller : callers_) EXPECT_THAT(caller->ReadToEnd(), StartsWith("HTTP/1.1 503"));
  }

  SystemWallClock clock_;
  io::Address address_ = *io::Address::Parse("127.0.0.1:0");
  std::vector<std::unique_ptr<kit::RawClient>> callers_;
};

TEST_F(InheritanceTest, FewerCoresAcceptFromEveryQueue) {
  auto before = Open(3);
  Connect(30);
  const auto after = OpenAfter(*before, 1);
  before.reset();
  after->Start();
  ExpectAllAnswered();
}

TEST_F(InheritanceTest, MoreCoresLoseNobody) {
  auto before = Open(1);
  Connect(10);
  const auto after = OpenAfter(*before, 3);
  Connect(20);
  before.reset();
  after->Start();
  Connect(20);
  ExpectAllAnswered();
  EXPECT_EQ(after->Listeners().size(), 3U);
}

TEST_F(InheritanceTest, OneThatNeverStartsTakesNobodyWithIt) {
  const auto before = Open(1);
  auto after = OpenAfter(*before, 3);
  Connect(30);
  after.reset();
  before->Start();
  ExpectAllAnswered();
}

TEST_F(InheritanceTest, BothAcceptUntilTheFirstHasDrained) {
  auto before = Open(2);
  before->Start();
  const auto after = OpenAfter(*before, 2);
  after->Start();
  Connect(30);
  const auto never = [](std::chrono::milliseconds) { return false; };
  EXPECT_EQ(Drain(*before, {std::chrono::hours(1), std::chrono::hours(1), true, never}), 0U);
  before.reset();
  Connect(30);
  ExpectAllAnswered();
}

}  // namespace
}  // namespace tollgate::net
