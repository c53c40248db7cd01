// An Asio socket whose waits have deadlines: what the Streams over a socket are made of. Included by proxy/io
// alone, since it carries Asio's headers. One thread: its loop's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "proxy/io/loop.h"
#include "proxy/io/stream.h"

namespace tollgate::io {

// The concrete executor: any_io_executor would cost an indirect call at each step.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class TimedSocket final : private Closable {
 public:
  // Cancels the socket when its time has come while something waits. Setting a later deadline costs nothing:
  // the timer stays where it is and looks again when it fires.
  class Deadline final : public Timer {
   public:
    explicit Deadline(TimedSocket& socket) : socket_(socket) {}
    void Set(SteadyTime when);
    void BeginWait();
    // Whether the wait that ended was ended by this deadline.
    bool EndWait();

   private:
    void OnTimer() override;
    void ArmIfLater();

    TimedSocket& socket_;
    SteadyTime when_ = SteadyTime::max();
    SteadyTime armed_for_ = SteadyTime::max();
    bool waiting_ = false;
    bool passed_ = false;
  };

  TimedSocket(Loop& loop, Socket socket);
  ~TimedSocket() override;

  Socket& socket() { return socket_; }
  bool is_open() const { return socket_.is_open(); }
  int fd() { return socket_.native_handle(); }
  Deadline& read_deadline() { return read_deadline_; }
  Deadline& write_deadline() { return write_deadline_; }
  // Ends every wait. May be called twice.
  void Close() override;

  // Calls done(IoStatus, errno) once the socket is ready in a direction, the deadline has passed, or it was
  // closed. One wait in each direction at a time.
  template <class DoneFunction>
  void AwaitReady(Deadline& deadline, Socket::wait_type direction, DoneFunction done);

 private:
  Loop& loop_;
  Socket socket_;
  Deadline read_deadline_{*this};
  Deadline write_deadline_{*this};
};

template <class DoneFunction>
void TimedSocket::AwaitReady(Deadline& deadline, Socket::wait_type direction, DoneFunction done) {
  deadline.BeginWait();
  socket_.async_wait(direction,
                     [this, &deadline, direction, done](const boost::system::error_code& error) mutable {
                       const bool timed_out = deadline.EndWait();
                       if (!socket_.is_open()) return done(IoStatus::kCancelled, 0);
                       if (!error) return done(IoStatus::kOk, 0);
                       if (error != boost::asio::error::operation_aborted)
                         return done(IoStatus::kFailed, error.value());
                       // Asio 1.74 can cancel only all that waits on a socket; what waits in the other
                       // direction waits again.
                       if (!timed_out) return AwaitReady(deadline, direction, done);
                       done(IoStatus::kTimeout, 0);
                     });
}

}  // namespace tollgate::io
