#include "proxy/io/timed_socket.h"

#include <utility>

namespace tollgate::io {

namespace asio = boost::asio;

void TimedSocket::Deadline::Set(SteadyTime when) {
  when_ = when;
  if (waiting_) ArmIfLater();
}

void TimedSocket::Deadline::ArmIfLater() {
  if (when_ == SteadyTime::max() || (armed() && armed_for_ <= when_)) return;
  armed_for_ = when_;
  socket_.loop_.Arm(*this, when_);
}

void TimedSocket::Deadline::BeginWait() {
  waiting_ = true;
  passed_ = false;
  ArmIfLater();
}

bool TimedSocket::Deadline::EndWait() {
  waiting_ = false;
  return passed_;
}

void TimedSocket::Deadline::OnTimer() {
  if (!waiting_) return;
  if (SteadyNow() < when_) return ArmIfLater();
  passed_ = true;
  boost::system::error_code ignored;
  socket_.socket_.cancel(ignored);
}

TimedSocket::TimedSocket(Loop& loop, Socket socket) : loop_(loop), socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  loop_.Register(*this);
  if (loop_.stopping()) Close();
}

TimedSocket::~TimedSocket() {
  Close();
  loop_.Unregister(*this);
}

void TimedSocket::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace tollgate::io
