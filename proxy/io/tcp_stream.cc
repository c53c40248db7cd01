#include "proxy/io/tcp_stream.h"

#include <poll.h>

#include <utility>

namespace tollgate::io {

namespace asio = boost::asio;

TcpStream::TcpStream(Loop& loop, Socket socket, const Address& peer)
    : socket_(loop, std::move(socket)), peer_(peer) {}

void TcpStream::ShutdownWrite() {
  boost::system::error_code ignored;
  socket_.socket().shutdown(Socket::shutdown_send, ignored);
}

bool TcpStream::IsQuiet() {
  if (!socket_.is_open()) return false;
  char byte;
  const ssize_t n = ::recv(socket_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool TcpStream::HasRoom() {
  if (!socket_.is_open()) return true;  // the next write says so
  pollfd socket{socket_.fd(), POLLOUT, 0};
  return ::poll(&socket, 1, 0) != 0;
}

IoResult TcpStream::TryRead(std::span<char> into) {
  const IoResult result = Receive(into, 0);
  worth_trying_ = result.ok() && result.bytes == into.size();
  return result;
}

IoResult TcpStream::Receive(std::span<char> into, int flags) {
  if (!socket_.is_open()) return {IoStatus::kCancelled};
  ssize_t n;
  do {
    n = ::recv(socket_.fd(), into.data(), into.size(), flags);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return {IoStatus::kOk, static_cast<size_t>(n)};
  if (n == 0) return {IoStatus::kEof};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoStatus::kWouldBlock};
  return {IoStatus::kFailed, 0, errno};
}

IoResult TcpStream::TryWrite(std::span<iovec> pieces) {
  if (!socket_.is_open()) return {IoStatus::kCancelled};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  ssize_t n;
  do {
    n = ::sendmsg(socket_.fd(), &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return {IoStatus::kOk, static_cast<size_t>(n)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoStatus::kWouldBlock};
  return {IoStatus::kFailed, 0, errno};
}

void TcpStream::StartRead(ReadAwaiter& read) {
  socket_.read_deadline().BeginWait();
  // Asio receives straight into the buffer once the socket is readable: one system call less than waiting
  // for readiness and receiving then.
  socket_.socket().async_receive(asio::buffer(read.into.data(), read.into.size()),
                                 [this, &read](const boost::system::error_code& error, size_t bytes) {
                                   FinishRead(read, error, bytes);
                                 });
}

void TcpStream::FinishRead(ReadAwaiter& read, const boost::system::error_code& error, size_t bytes) {
  const bool aborted = error == asio::error::operation_aborted;
  const bool open = socket_.is_open();
  const bool timed_out = socket_.read_deadline().EndWait();
  if (aborted && open) {
    if (!timed_out) return StartRead(read);
    read.result = {IoStatus::kTimeout};
    return read.waiter.resume();
  }
  worth_trying_ = bytes == read.into.size();
  if (!error) {
    read.result = {IoStatus::kOk, bytes};
  } else if (aborted || !open) {
    read.result = {IoStatus::kCancelled};
  } else if (error == asio::error::eof) {
    read.result = {IoStatus::kEof};
  } else {
    read.result = {IoStatus::kFailed, 0, error.value()};
  }
  read.waiter.resume();
}

void TcpStream::StartWrite(WriteAwaiter& write) {
  socket_.AwaitReady(socket_.write_deadline(), Socket::wait_write,
                     [this, &write](IoStatus status, int error) {
                       if (status != IoStatus::kOk) {
                         write.result = {status, 0, error};
                       } else if (!write.Advance()) {
                         return StartWrite(write);
                       }
                       write.waiter.resume();
                     });
}

void TcpStream::StartWait(ReadyAwaiter& wait) {
  const bool for_input = wait.what == ReadyAwaiter::For::kInput;
  worth_trying_ = worth_trying_ || for_input;
  socket_.AwaitReady(for_input ? socket_.read_deadline() : socket_.write_deadline(),
                     for_input ? Socket::wait_read : Socket::wait_write, [&wait](IoStatus status, int error) {
                       wait.result = {status, 0, error};
                       wait.waiter.resume();
                     });
}

}  // namespace tollgate::io
