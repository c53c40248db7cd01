// The header of the PROXY protocol off a socket: no byte more than it is taken.
#include "proxy/net/proxy_header.h"

#include "tests/kit/loop_fixture.h"

namespace tollgate::net {
namespace {

using Outcome = ProxyHeaderOutcome;

constexpr std::string_view kLine = "PROXY TCP4 192.0.2.7 10.0.0.1 12345 80\r\n";
const std::string kBinary(
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0F\xC0\x00\x02\x07\x0A\x00\x00\x01\x30\x39\x00\x50\x04\x00\x00", 31);

class ProxyHeaderTest : public kit::LoopFixture {
 protected:
  ProxyHeaderTest() : pair_(ConnectedPair()) {}

  io::Task<void> Read(std::chrono::milliseconds within) {
    io::Task<Outcome> read = ReadProxyHeader(*pair_.ours, SteadyNow() + within);
    outcome_ = co_await read;
  }
  // Sends each piece when the loop has dealt with those before.
  io::Task<void> Send(std::vector<std::string> pieces) {
    for (const std::string& piece : pieces) {
      io::Task<io::IoResult> sent = kit::WriteAll(*pair_.theirs, piece);
      (void)co_await sent;
      io::Loop::Sleeper turn = loop_.Sleep(std::chrono::milliseconds(1));
      co_await turn;
    }
    pair_.theirs->ShutdownWrite();
  }
  io::Task<void> ReadThenRest() {
    io::Task<Outcome> read = ReadProxyHeader(*pair_.ours, SteadyNow() + std::chrono::seconds(60));
    outcome_ = co_await read;
    pair_.ours->SetReadDeadline(SteadyTime::max());
    io::IoResult more;
    while (outcome_ == Outcome::kDone && more.ok()) {
      io::Task<io::IoResult> some = kit::ReadSome(*pair_.ours, rest_);
      more = co_await some;
    }
  }
  void Exchange(std::vector<std::string> pieces) {
    Start(Send(std::move(pieces)));
    Start(ReadThenRest());
    Run();
  }

  Pair pair_;
  Outcome outcome_ = Outcome::kTimeout;
  std::string rest_;
};

TEST_F(ProxyHeaderTest, TheCallerIsWhomTheHeaderNames) {
  Exchange({std::string(kLine) + "GET / HTTP/1.1\r\n"});
  EXPECT_EQ(outcome_, Outcome::kDone);
  EXPECT_EQ(pair_.ours->peer().ToString(), "192.0.2.7:12345");
  EXPECT_EQ(rest_, "GET / HTTP/1.1\r\n");
}

TEST_F(ProxyHeaderTest, FurtherFieldsAreTakenWithIt) {
  Exchange({kBinary + "\x16\x03"});
  EXPECT_EQ(outcome_, Outcome::kDone);
  EXPECT_EQ(pair_.ours->peer().ToString(), "192.0.2.7:12345");
  EXPECT_EQ(rest_, "\x16\x03");
}

TEST_F(ProxyHeaderTest, AConnectionWhoseHeaderNamesNobodyKeepsItsAddress) {
  const std::string own = pair_.ours->peer().ToString();
  Exchange({"PROXY UNKNOWN\r\nrest"});
  EXPECT_EQ(outcome_, Outcome::kDone);
  EXPECT_EQ(pair_.ours->peer().ToString(), own);
  EXPECT_EQ(rest_, "rest");
}

// A loop of its own for each cut: a fixture serves once.
class ProxyHeaderCut : public ProxyHeaderTest, public testing::WithParamInterface<size_t> {};

TEST_P(ProxyHeaderCut, CutsChangeNothing) {
  const std::string text = (GetParam() % 2 == 0 ? std::string(kLine) : kBinary) + "rest";
  const size_t cut = std::min(GetParam() / 2, text.size());
  Exchange({text.substr(0, cut), text.substr(cut)});
  EXPECT_EQ(outcome_, Outcome::kDone);
  EXPECT_EQ(rest_, "rest");
}

INSTANTIATE_TEST_SUITE_P(AtEveryByte, ProxyHeaderCut, testing::Range(size_t{2}, size_t{80}));

TEST_F(ProxyHeaderTest, WhatIsNoneEndsIt) {
  Exchange({"GET / HTTP/1.1\r\n"});
  EXPECT_EQ(outcome_, Outcome::kMalformed);
}

TEST_F(ProxyHeaderTest, AHeaderThatIsCutOffEndsIt) {
  Exchange({std::string(kLine.substr(0, 30))});
  EXPECT_EQ(outcome_, Outcome::kClosed);
}

TEST_F(ProxyHeaderTest, OneThatDoesNotComeInTimeEndsIt) {
  Run(Read(std::chrono::milliseconds(20)));
  EXPECT_EQ(outcome_, Outcome::kTimeout);
}

}  // namespace
}  // namespace tollgate::net
