// The Stream over an Asio socket. Included by proxy/io alone, since it carries Asio's headers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "proxy/io/loop.h"
#include "proxy/io/stream.h"

namespace tollgate::io {

// The concrete executor: any_io_executor would cost an indirect call at each step.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class TcpStream final : public Stream, private Closable {
 public:
  TcpStream(Loop& loop, Socket socket, const Address& peer);
  ~TcpStream() override;

  void SetReadDeadline(SteadyTime when) override { read_deadline_.Set(when); }
  void SetWriteDeadline(SteadyTime when) override { write_deadline_.Set(when); }
  void Close() override;
  void ShutdownWrite() override;
  bool IsQuiet() override;
  const Address& peer() const override { return peer_; }

 private:
  // Cancels the socket when its time has come while something waits. Setting a later deadline costs nothing:
  // the timer stays where it is and looks again when it fires.
  class Deadline final : public Timer {
   public:
    explicit Deadline(TcpStream& stream) : stream_(stream) {}
    void Set(SteadyTime when);
    void BeginWait();
    // Whether the wait that ended was ended by this deadline.
    bool EndWait();

   private:
    void OnTimer() override;
    void ArmIfLater();

    TcpStream& stream_;
    SteadyTime when_ = SteadyTime::max();
    SteadyTime armed_for_ = SteadyTime::max();
    bool waiting_ = false;
    bool passed_ = false;
  };

  bool WorthTrying() const override { return worth_trying_; }
  IoResult TryRead(std::span<char> into) override;
  IoResult TryWrite(std::span<iovec> pieces) override;
  void StartRead(ReadAwaiter& read) override;
  void StartWrite(WriteAwaiter& write) override;
  void WaitReadable(ReadAwaiter& read);
  void WaitWritable(WriteAwaiter& write);
  void FinishRead(ReadAwaiter& read, const boost::system::error_code& error, size_t bytes);
  void FinishWrite(WriteAwaiter& write, const boost::system::error_code& error);

  Loop& loop_;
  Socket socket_;
  const Address peer_;
  Deadline read_deadline_{*this};
  Deadline write_deadline_{*this};
  bool worth_trying_ = true;
};

}  // namespace tollgate::io
