#include "proxy/io/tcp.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>

#include "proxy/io/buffer_pool.h"
#include "proxy/io/tcp_stream.h"

namespace tollgate::io {

namespace asio = boost::asio;

namespace {

asio::ip::tcp ProtocolOf(const Address& address) {
  return address.is_ipv6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
}

// The kernel caps it at net.core.somaxconn.
constexpr int kQueue = 4096;

// Waits until a connection attempt has an outcome; the deadline closes the socket.
class ConnectAwaiter final : public Timer {
 public:
  ConnectAwaiter(Loop& loop, Socket& socket, SteadyTime deadline)
      : loop_(loop), socket_(socket), deadline_(deadline) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    loop_.Arm(*this, deadline_);
    socket_.async_wait(Socket::wait_write, [this, waiter](const boost::system::error_code&) {
      Cancel();
      waiter.resume();
    });
  }
  // 0, or the errno of the attempt.
  int await_resume() const {
    if (timed_out_) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    return error;
  }

 private:
  void OnTimer() override {
    timed_out_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }

  Loop& loop_;
  Socket& socket_;
  const SteadyTime deadline_;
  bool timed_out_ = false;
};

class TcpAcceptor final : public Acceptor, private Closable {
 public:
  TcpAcceptor(Loop& loop, Socket socket, const Address& local, bool listening)
      : loop_(loop), socket_(std::move(socket)), local_(local), listening_(listening) {
    loop_.Register(*this);
    if (loop_.stopping()) Close();
  }
  ~TcpAcceptor() override { loop_.Unregister(*this); }

  Task<std::unique_ptr<Stream>> Accept() override {
    Task<Accepted> accept = AcceptSocket();
    Accepted accepted = co_await accept;
    if (!accepted.socket.ok()) co_return nullptr;
    co_return AdoptSocket(loop_, accepted.socket.Release(), accepted.peer);
  }

  Task<Accepted> AcceptSocket() override {
    if (!listening_ && socket_.is_open()) listening_ = ::listen(socket(), kQueue) == 0;
    while (socket_.is_open()) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const int fd =
          ::accept4(socket(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) co_return Accepted{Descriptor(fd), Address(from)};
      // Out of descriptors or memory: the connection stays in the queue; give others time to end.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        Loop::Sleeper pause = loop_.Sleep(std::chrono::milliseconds(50));
        co_await pause;
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (finishing_) break;
        co_await Readable{socket_};
      }
      // Everything else concerns one connection that is gone already (accept(2), "Error handling").
    }
    Close();
    co_return Accepted{};
  }

  void Close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  void Finish() override {
    finishing_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);  // whoever waits for readiness looks at the queue once more
  }

  const Address& local() const override { return local_; }
  int socket() const override { return const_cast<Socket&>(socket_).native_handle(); }

 private:
  struct Readable {
    Socket& socket;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      socket.async_wait(Socket::wait_read, [waiter](const boost::system::error_code&) { waiter.resume(); });
    }
    void await_resume() const noexcept {}
  };

  Loop& loop_;
  Socket socket_;  // an acceptor of Asio's would accept into its own sockets; only its readiness is wanted
  const Address local_;
  bool listening_;
  bool finishing_ = false;
};

Fault CannotListen(const Address& on, int error) {
  std::string remedy = "; choose another address";
  if (error == EADDRINUSE) remedy = "; stop what listens there or choose another port (0 picks a free one)";
  if (error == EACCES) remedy = "; choose a port above 1023 or grant CAP_NET_BIND_SERVICE";
  return {"cannot listen on " + on.ToString() + ": " + std::strerror(error) + remedy};
}

// A socket that is bound, and with a queue of 0 does not listen yet.
int OpenListener(const Address& on, Sharing sharing, int queue = kQueue) {
  const int fd =
      ::socket(on.is_ipv6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  // A kernel that was started without IPv6: every address is then every one of IPv4.
  if (fd < 0 && errno == EAFNOSUPPORT && on.is_every()) {
    return OpenListener(*Address::FromLiteral("0.0.0.0", on.port()), sharing, queue);
  }
  if (fd < 0) return -1;
  const int yes = 1;
  const int no = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (sharing == Sharing::kCores) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  if (on.is_ipv6()) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  // Accepted connections inherit it: the kernel takes so much that is not on its way yet, and not megabytes
  // for each caller who takes nothing. There is room (Stream::AwaitRoom) below half of it, which a block fits
  // into.
  const int unsent = 4 * kBlockBytes;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
  if (::bind(fd, on.data(), on.size()) == 0 && (queue == 0 || ::listen(fd, queue) == 0)) return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

Result<std::unique_ptr<Acceptor>> MakeAcceptor(Loop& loop, Descriptor bound, bool listening) {
  const Address local = LocalAddress(bound.get());
  Socket socket(loop.context());
  boost::system::error_code error;
  socket.assign(ProtocolOf(local), bound.get(), error);
  if (error) return CannotListen(local, error.value());
  bound.Release();
  return std::unique_ptr<Acceptor>(std::make_unique<TcpAcceptor>(loop, std::move(socket), local, listening));
}

}  // namespace

Address LocalAddress(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return Address(bound);
}

std::unique_ptr<Stream> AdoptSocket(Loop& loop, int fd, const Address& peer) {
  Socket socket(loop.context());
  boost::system::error_code error;
  socket.assign(ProtocolOf(peer), fd, error);
  if (error) ::close(fd);
  return std::make_unique<TcpStream>(loop, std::move(socket), peer);
}

IoResult Peek(Stream& accepted, std::span<char> into) { return static_cast<TcpStream&>(accepted).Peek(into); }

void SetPeer(Stream& accepted, const Address& peer) { static_cast<TcpStream&>(accepted).SetPeer(peer); }

Task<Connected> Connect(Loop& loop, const Address& to, SteadyTime deadline) {
  if (loop.stopping()) co_return Connected{nullptr, ECANCELED};
  Socket socket(loop.context());
  boost::system::error_code error;
  socket.open(ProtocolOf(to), error);
  if (!error) socket.non_blocking(true, error);
  if (error) co_return Connected{nullptr, error.value()};
  if (::connect(socket.native_handle(), to.data(), to.size()) != 0) {
    if (errno != EINPROGRESS) co_return Connected{nullptr, errno};
    ConnectAwaiter attempt(loop, socket, deadline);
    const int outcome = co_await attempt;
    if (outcome != 0) co_return Connected{nullptr, outcome};
  }
  co_return Connected{std::make_unique<TcpStream>(loop, std::move(socket), to), 0};
}

Status<> Acceptor::CheckFree(const Address& on) {
  const int fd = OpenListener(on, Sharing::kNone);
  if (fd < 0) return CannotListen(on, errno);
  ::close(fd);
  return Done{};
}

Result<std::unique_ptr<Acceptor>> Acceptor::Listen(Loop& loop, const Address& on, Sharing sharing) {
  Descriptor socket(OpenListener(on, sharing));
  if (!socket.ok()) return CannotListen(on, errno);
  return MakeAcceptor(loop, std::move(socket), true);
}

Result<std::unique_ptr<Acceptor>> Acceptor::Bind(Loop& loop, const Address& on) {
  Descriptor socket(OpenListener(on, Sharing::kCores, 0));
  if (!socket.ok()) return CannotListen(on, errno);
  return MakeAcceptor(loop, std::move(socket), false);
}

Result<std::unique_ptr<Acceptor>> Acceptor::Adopt(Loop& loop, Descriptor listening) {
  return MakeAcceptor(loop, std::move(listening), true);
}

}  // namespace tollgate::io
