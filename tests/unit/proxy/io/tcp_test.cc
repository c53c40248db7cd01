// Connecting and listening on the loopback interface.
#include "proxy/io/tcp.h"

#include <gmock/gmock.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <thread>

#include "tests/kit/loop_fixture.h"

namespace tollgate::io {
namespace {

using kit::ReadSome;
using kit::WriteAll;
using std::chrono::milliseconds;

using ::testing::AllOf;
using ::testing::HasSubstr;

// A listening socket of somebody else's.
class PlainListener {
 public:
  explicit PlainListener(int backlog) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const Address any = *Address::Parse("127.0.0.1:0");
    EXPECT_EQ(::bind(socket_, any.data(), any.size()), 0);
    EXPECT_TRUE(backlog < 0 || ::listen(socket_, backlog) == 0);
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size);
    address_ = Address(bound);
  }
  ~PlainListener() { ::close(socket_); }
  const Address& address() const { return address_; }

 private:
  const int socket_;
  Address address_;
};

class TcpTest : public kit::LoopFixture {
 public:
  void Listen(const char* on = "127.0.0.1:0", Sharing sharing = Sharing::kNone) {
    auto acceptor = Acceptor::Listen(loop_, *Address::Parse(on), sharing);
    ASSERT_TRUE(acceptor.ok()) << acceptor.error().message;
    acceptor_ = std::move(*acceptor);
  }
  std::string WhyNot(const Address& on, Sharing sharing = Sharing::kNone) {
    const auto acceptor = Acceptor::Listen(loop_, on, sharing);
    return acceptor.ok() ? "listens" : acceptor.error().message;
  }
  Task<void> Accept(std::unique_ptr<Stream>& into) {
    Task<std::unique_ptr<Stream>> accept = acceptor_->Accept();
    into = co_await accept;
  }
  Task<void> ConnectTo(Address to, SteadyTime deadline, Connected& into) {
    Task<io::Connected> connect = Connect(loop_, to, deadline);
    into = co_await connect;
  }

  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Stream> accepted_;
  Connected connected_;
};

TEST_F(TcpTest, PortZeroIsReplacedByTheOneThatWasFound) {
  Listen();
  EXPECT_NE(acceptor_->local().port(), 0);
  EXPECT_EQ(acceptor_->local().ip(), "127.0.0.1");
}

TEST_F(TcpTest, BothEndsKnowEachOther) {
  Listen();
  Start(Accept(accepted_));
  Start(ConnectTo(acceptor_->local(), SteadyTime::max(), connected_));
  Run();
  ASSERT_NE(connected_.stream, nullptr) << connected_.error;
  ASSERT_NE(accepted_, nullptr);
  EXPECT_EQ(connected_.stream->peer().ToString(), acceptor_->local().ToString());
  EXPECT_EQ(accepted_->peer().ip(), "127.0.0.1");
}

TEST_F(TcpTest, Ipv4CallersReachAnIpv6Wildcard) {
  Listen(":0");
  Start(Accept(accepted_));
  Start(ConnectTo(*Address::FromLiteral("127.0.0.1", acceptor_->local().port()), SteadyTime::max(),
                  connected_));
  Run();
  ASSERT_NE(accepted_, nullptr);
  EXPECT_EQ(accepted_->peer().ip(), "127.0.0.1");
}

TEST_F(TcpTest, ConnectionsThatWaitAreAcceptedOneByOne) {
  Listen();
  Run([](TcpTest& test) -> Task<void> {
    Connected first;
    Connected second;
    co_await test.ConnectTo(test.acceptor_->local(), SteadyTime::max(), first);
    co_await test.ConnectTo(test.acceptor_->local(), SteadyTime::max(), second);
    std::unique_ptr<Stream> other;
    co_await test.Accept(test.accepted_);
    co_await test.Accept(other);
    EXPECT_NE(test.accepted_, nullptr);
    EXPECT_NE(other, nullptr);
  }(*this));
}

TEST_F(TcpTest, FinishingHandsOutWhoWaitsAndThenCloses) {
  Listen();
  Run([](TcpTest& test) -> Task<void> {
    Connected first;
    Connected second;
    co_await test.ConnectTo(test.acceptor_->local(), SteadyTime::max(), first);
    co_await test.ConnectTo(test.acceptor_->local(), SteadyTime::max(), second);
    test.acceptor_->Finish();
    for (const bool waits : {true, true, false}) {
      std::unique_ptr<Stream> accepted;
      co_await test.Accept(accepted);
      EXPECT_EQ(accepted != nullptr, waits);
    }
    Connected late;
    co_await test.ConnectTo(test.acceptor_->local(), SteadyTime::max(), late);
    EXPECT_EQ(late.error, ECONNREFUSED);
  }(*this));
}

TEST_F(TcpTest, FinishingEndsTheWaitForAConnection) {
  Listen();
  Start(Accept(accepted_));
  acceptor_->Finish();
  Run();
  EXPECT_EQ(accepted_, nullptr);
}

TEST_F(TcpTest, ResetByThePeerIsAFailure) {
  Listen();
  Run([](TcpTest& test) -> Task<void> {
    // A plain socket, since closing it with data unread sends a reset.
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const Address& to = test.acceptor_->local();
    EXPECT_EQ(::connect(peer, to.data(), to.size()), 0);
    co_await test.Accept(test.accepted_);
    co_await WriteAll(*test.accepted_, "nobody reads this");
    ::close(peer);
    std::string text;
    const IoResult result = co_await ReadSome(*test.accepted_, text);
    EXPECT_EQ(result.status, IoStatus::kFailed);
    EXPECT_EQ(result.error, ECONNRESET);
  }(*this));
}

TEST_F(TcpTest, MuchDataArrivesOverTcp) {
  Listen();
  const std::string much(10 << 20, 'x');
  std::string received;
  Start([](TcpTest& test, const std::string& text) -> Task<void> {
    co_await test.ConnectTo(test.acceptor_->local(), SteadyTime::max(), test.connected_);
    const IoResult written = co_await WriteAll(*test.connected_.stream, text);
    EXPECT_TRUE(written.ok());
    test.connected_.stream->ShutdownWrite();
  }(*this, much));
  Start([](TcpTest& test, std::string& into) -> Task<void> {
    co_await test.Accept(test.accepted_);
    IoResult result;
    while (result.ok()) result = co_await ReadSome(*test.accepted_, into);
    EXPECT_EQ(result.status, IoStatus::kEof);
  }(*this, received));
  Run();
  EXPECT_TRUE(received == much);
}

TEST_F(TcpTest, RefusalIsAnErrno) {
  Address nobody;
  {
    const PlainListener gone(-1);
    nobody = gone.address();
  }
  Run(ConnectTo(nobody, SteadyTime::max(), connected_));
  EXPECT_EQ(connected_.stream, nullptr);
  EXPECT_EQ(connected_.error, ECONNREFUSED);
}

TEST_F(TcpTest, ConnectDeadlinePasses) {
  // Where the queue of a listener is full, further attempts hang.
  const PlainListener full(0);
  Connected first;
  Connected second;
  const SteadyTime deadline = SteadyNow() + milliseconds(60);
  Start(ConnectTo(full.address(), deadline, first));
  Start(ConnectTo(full.address(), deadline, second));
  Start(ConnectTo(full.address(), deadline, connected_));
  Run();
  EXPECT_EQ(connected_.stream, nullptr);
  EXPECT_EQ(connected_.error, ETIMEDOUT);
  EXPECT_GE(SteadyNow(), deadline);
}

TEST_F(TcpTest, ConnectAfterStopIsCancelled) {
  loop_.Stop();
  loop_.Run();
  Start(ConnectTo(*Address::Parse("127.0.0.1:1"), SteadyTime::max(), connected_));
  EXPECT_EQ(running_, 0);
  EXPECT_EQ(connected_.error, ECANCELED);
}

TEST_F(TcpTest, ConnectUnderWayEndsWhenTheLoopStops) {
  const PlainListener full(0);
  Connected first;
  Connected second;
  Start(ConnectTo(full.address(), SteadyTime::max(), first));
  Start(ConnectTo(full.address(), SteadyTime::max(), second));
  Start(ConnectTo(full.address(), SteadyTime::max(), connected_));
  loop_.Stop();
  loop_.Run();
  EXPECT_EQ(running_, 0);
  EXPECT_EQ(connected_.stream, nullptr);
}

TEST_F(TcpTest, CloseEndsAWaitingAccept) {
  Listen();
  Start(Accept(accepted_));
  EXPECT_EQ(running_, 1);
  loop_.Post([this] { acceptor_->Close(); });
  Run();
  EXPECT_EQ(accepted_, nullptr);
}

TEST_F(TcpTest, AcceptAfterCloseIsNothing) {
  Listen();
  acceptor_->Close();
  acceptor_->Close();
  Run(Accept(accepted_));
  EXPECT_EQ(accepted_, nullptr);
}

TEST_F(TcpTest, CoresShareOneAddress) {
  Listen("127.0.0.1:0", Sharing::kCores);
  EXPECT_EQ(WhyNot(acceptor_->local(), Sharing::kCores), "listens");
}

TEST_F(TcpTest, NobodyElseShares) {
  Listen("127.0.0.1:0", Sharing::kCores);
  EXPECT_THAT(WhyNot(acceptor_->local()), HasSubstr("in use"));
}

TEST_F(TcpTest, SharedAddressIsNotFreeForAnotherProcess) {
  Listen("127.0.0.1:0", Sharing::kCores);
  const Status<> taken = Acceptor::CheckFree(acceptor_->local());
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.error().message, HasSubstr("in use"));
  const Address address = acceptor_->local();
  acceptor_.reset();
  EXPECT_TRUE(Acceptor::CheckFree(address).ok());
}

TEST_F(TcpTest, AddressInUseIsSaidWithTheRemedy) {
  const PlainListener other(1);
  EXPECT_THAT(WhyNot(other.address()),
              AllOf(HasSubstr("cannot listen on " + other.address().ToString()), HasSubstr("in use"),
                    HasSubstr("stop what listens there or choose another port")));
}

// From here on this thread has the sockets of a kernel that was started with ipv6.disable=1.
bool LoseIpv6() {
  const auto load = [](uint32_t at) { return sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at); };
  const auto unless = [](uint32_t value, uint8_t skip) {
    return sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
  };
  const auto verdict = [](uint32_t value) { return sock_filter BPF_STMT(BPF_RET | BPF_K, value); };
  std::array<sock_filter, 6> filter{load(offsetof(seccomp_data, nr)),          unless(SYS_socket, 3),
                                    load(offsetof(seccomp_data, args[0])),     unless(AF_INET6, 1),
                                    verdict(SECCOMP_RET_ERRNO | EAFNOSUPPORT), verdict(SECCOMP_RET_ALLOW)};
  const sock_fprog program{filter.size(), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST_F(TcpTest, EveryAddressIsEveryOneOfIpv4WhereTheKernelHasNoIpv6) {
  std::thread without([this] {
    if (!LoseIpv6()) GTEST_SKIP() << "this machine lets no thread filter its calls";
    EXPECT_TRUE(Acceptor::CheckFree(*Address::Parse(":0")).ok());
    Listen(":0", Sharing::kCores);
    EXPECT_EQ(acceptor_->local().ip(), "0.0.0.0");
    EXPECT_THAT(WhyNot(*Address::Parse("[::1]:0")), HasSubstr("cannot listen on [::1]:0"));
  });
  without.join();
}

TEST_F(TcpTest, AddressOfSomebodyElseIsSaidWithTheRemedy) {
  EXPECT_THAT(WhyNot(*Address::Parse("203.0.113.1:0")),
              AllOf(HasSubstr("cannot listen on 203.0.113.1:0"), HasSubstr("choose another address")));
}

}  // namespace
}  // namespace tollgate::io
