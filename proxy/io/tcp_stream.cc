#include "proxy/io/tcp_stream.h"

#include <sys/socket.h>

#include <algorithm>

namespace tollgate::io {

namespace asio = boost::asio;

void TcpStream::Deadline::Set(SteadyTime when) {
  when_ = when;
  if (waiting_) ArmIfLater();
}

void TcpStream::Deadline::ArmIfLater() {
  if (when_ == SteadyTime::max() || (armed() && armed_for_ <= when_)) return;
  armed_for_ = when_;
  stream_.loop_.Arm(*this, when_);
}

void TcpStream::Deadline::BeginWait() {
  waiting_ = true;
  passed_ = false;
  ArmIfLater();
}

bool TcpStream::Deadline::EndWait() {
  waiting_ = false;
  return passed_;
}

void TcpStream::Deadline::OnTimer() {
  if (!waiting_) return;
  if (SteadyNow() < when_) return ArmIfLater();
  passed_ = true;
  // Asio 1.74 can cancel only all that waits on a socket; what waits in the other direction waits again.
  boost::system::error_code ignored;
  stream_.socket_.cancel(ignored);
}

TcpStream::TcpStream(Loop& loop, Socket socket, const Address& peer)
    : loop_(loop), socket_(std::move(socket)), peer_(peer) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  loop_.Register(*this);
  if (loop_.stopping()) Close();
}

TcpStream::~TcpStream() {
  Close();
  loop_.Unregister(*this);
}

void TcpStream::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void TcpStream::ShutdownWrite() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

bool TcpStream::IsQuiet() {
  if (!socket_.is_open()) return false;
  char byte;
  const ssize_t n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

IoResult TcpStream::TryRead(std::span<char> into) {
  if (!socket_.is_open()) return {IoStatus::kCancelled};
  ssize_t n;
  do {
    n = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
  } while (n < 0 && errno == EINTR);
  worth_trying_ = n == static_cast<ssize_t>(into.size());
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
    n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return {IoStatus::kOk, static_cast<size_t>(n)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {IoStatus::kWouldBlock};
  return {IoStatus::kFailed, 0, errno};
}

void TcpStream::StartRead(ReadAwaiter& read) {
  read_deadline_.BeginWait();
  WaitReadable(read);
}

void TcpStream::WaitReadable(ReadAwaiter& read) {
  // Asio receives straight into the buffer once the socket is readable: one system call less than waiting
  // for readiness and receiving then.
  socket_.async_receive(asio::buffer(read.into.data(), read.into.size()),
                        [this, &read](const boost::system::error_code& error, size_t bytes) {
                          FinishRead(read, error, bytes);
                        });
}

void TcpStream::FinishRead(ReadAwaiter& read, const boost::system::error_code& error, size_t bytes) {
  const bool aborted = error == asio::error::operation_aborted;
  const bool open = socket_.is_open();
  if (aborted && open) {
    if (!read_deadline_.EndWait()) return StartRead(read);
    read.result = {IoStatus::kTimeout};
    return read.waiter.resume();
  }
  read_deadline_.EndWait();
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
  write_deadline_.BeginWait();
  WaitWritable(write);
}

void TcpStream::WaitWritable(WriteAwaiter& write) {
  socket_.async_wait(Socket::wait_write,
                     [this, &write](const boost::system::error_code& error) { FinishWrite(write, error); });
}

void TcpStream::FinishWrite(WriteAwaiter& write, const boost::system::error_code& error) {
  const bool timed_out = write_deadline_.EndWait();
  if (!socket_.is_open()) {
    write.result = {IoStatus::kCancelled};
  } else if (error == asio::error::operation_aborted) {
    if (!timed_out) return StartWrite(write);
    write.result = {IoStatus::kTimeout};
  } else if (error) {
    write.result = {IoStatus::kFailed, 0, error.value()};
  } else if (!write.Advance()) {
    return StartWrite(write);
  }
  write.waiter.resume();
}

}  // namespace tollgate::io
