// How long a drain goes on, and when it does not wait.
#include "proxy/net/drain.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/kit/eventually.h"
#include "tests/kit/raw_client.h"

namespace tollgate::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class DrainTest : public ::testing::Test {
 protected:
  DrainTest() { gateway_->Start(); }

  // A drain that is asked to hurry at its n-th wait; what it was asked to wait for is left in waits_.
  size_t DrainHurriedAt(size_t wait, milliseconds grace) {
    return Drain(*gateway_, {grace, hours(1), false, [this, wait](milliseconds limit) {
                               waits_.push_back(limit);
                               return waits_.size() > wait;
                             }});
  }

  SystemWallClock clock_;
  std::unique_ptr<Gateway> gateway_ = *Gateway::Open(
      {.http_address = *io::Address::Parse("127.0.0.1:0"), .threads = 2, .access_log = "off"}, clock_);
  std::vector<milliseconds> waits_;
};

constexpr size_t kNever = 1'000'000;

TEST_F(DrainTest, AcceptsForTheWholeGrace) {
  EXPECT_EQ(DrainHurriedAt(kNever, milliseconds(1234)), 0u);
  ASSERT_FALSE(waits_.empty());
  EXPECT_EQ(waits_[0], milliseconds(1234));
  EXPECT_FALSE(kit::RawClient(gateway_->http_address().port()).connected());
}

TEST_F(DrainTest, WithoutAGraceNothingIsWaitedForButTheCores) {
  EXPECT_EQ(DrainHurriedAt(kNever, milliseconds(0)), 0u);
  for (const milliseconds wait : waits_) EXPECT_LE(wait, milliseconds(10));
}

TEST_F(DrainTest, ASecondSignalWithinTheGraceCutsWhoIsConnected) {
  const kit::RawClient client(gateway_->http_address().port());
  ASSERT_TRUE(kit::Eventually([&] { return gateway_->OpenConnections() == 1; }));
  EXPECT_EQ(DrainHurriedAt(0, hours(1)), 1u);
  EXPECT_EQ(waits_.size(), 1u);
}

TEST_F(DrainTest, ASecondSignalAfterTheGraceCutsWhoIsConnected) {
  kit::RawClient client(gateway_->http_address().port());
  client.Send("GET / HTTP/1.1\r\n");  // a head that does not end
  ASSERT_TRUE(kit::Eventually([&] { return gateway_->OpenConnections() == 1; }));
  EXPECT_EQ(DrainHurriedAt(1, hours(1)), 1u);
  EXPECT_EQ(waits_.size(), 2u);
}

}  // namespace
}  // namespace tollgate::net
