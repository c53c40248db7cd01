// Two addresses of one host: whichever can be reached.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cerrno>

#include "proxy/io/tcp.h"
#include "tests/kit/loop_fixture.h"

namespace tollgate::io {
namespace {

// Listens, or takes no connections and says nothing: its queue is full, so that the kernel drops what comes.
class Host {
 public:
  enum class Manner { kListens, kSilent, kRefuses };
  explicit Host(Manner manner) : socket_(MakeSocket()) {
    const Address any = *Address::Parse("127.0.0.1:0");
    EXPECT_EQ(::bind(socket_, any.data(), any.size()), 0);
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size);
    address_ = Address(bound);
    if (manner != Manner::kRefuses) ::listen(socket_, manner == Manner::kSilent ? 0 : 16);
    while (manner == Manner::kSilent && FillQueue()) continue;
  }
  ~Host() {
    for (const int filler : fillers_) ::close(filler);
    ::close(socket_);
  }
  const Address& address() const { return address_; }

 private:
  static int MakeSocket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }
  // Whether there may be room for another one.
  bool FillQueue() {
    fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(fillers_.back(), address_.data(), address_.size());
    return fillers_.size() < 8;
  }

  const int socket_;
  Address address_;
  std::vector<int> fillers_;
};

class ConnectEitherTest : public kit::LoopFixture {
 protected:
  Connected Connect(const Host& first, const Host& second,
                    SteadyTime::duration limit = std::chrono::seconds(30)) {
    Connected connected;
    Run(ConnectInto(first.address(), second.address(), SteadyNow() + limit, connected));
    return connected;
  }
  std::string Reached(const Connected& connected) {
    return connected.stream == nullptr ? "nobody" : connected.stream->peer().ToString();
  }

 private:
  Task<void> ConnectInto(Address first, Address second, SteadyTime deadline, Connected& into) {
    Task<Connected> connecting = ConnectEither(loop_, first, second, deadline);
    into = co_await connecting;
  }
};

using Manner = Host::Manner;

TEST_F(ConnectEitherTest, TheFirstOneWhereItAnswers) {
  const Host first(Manner::kListens);
  const Host second(Manner::kListens);
  EXPECT_EQ(Reached(Connect(first, second)), first.address().ToString());
}

TEST_F(ConnectEitherTest, TheSecondOneAtOnceWhereTheFirstOneRefuses) {
  const Host first(Manner::kRefuses);
  const Host second(Manner::kListens);
  EXPECT_EQ(Reached(Connect(first, second)), second.address().ToString());
}

TEST_F(ConnectEitherTest, TheSecondOneBesideAFirstOneThatSaysNothing) {
  const Host first(Manner::kSilent);
  const Host second(Manner::kListens);
  EXPECT_EQ(Reached(Connect(first, second)), second.address().ToString());
}

TEST_F(ConnectEitherTest, WhereNeitherAnswersTheDeadlineEndsIt) {
  const Host first(Manner::kSilent);
  const Host second(Manner::kSilent);
  const Connected connected = Connect(first, second, std::chrono::milliseconds(400));
  EXPECT_EQ(Reached(connected), "nobody");
  EXPECT_EQ(connected.error, ETIMEDOUT);
}

TEST_F(ConnectEitherTest, WhereBothRefuseNobodyIsWaitedFor) {
  const Host first(Manner::kRefuses);
  const Host second(Manner::kRefuses);
  EXPECT_EQ(Connect(first, second).error, ECONNREFUSED);
}

}  // namespace
}  // namespace tollgate::io
