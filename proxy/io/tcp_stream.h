// The Stream over an Asio socket. Included by proxy/io alone, since it carries Asio's headers.
#pragma once

#include <sys/socket.h>

#include "proxy/io/stream.h"
#include "proxy/io/timed_socket.h"

namespace tollgate::io {

class TcpStream final : public Stream {
 public:
  TcpStream(Loop& loop, Socket socket, const Address& peer);

  void SetReadDeadline(SteadyTime when) override { socket_.read_deadline().Set(when); }
  void SetWriteDeadline(SteadyTime when) override { socket_.write_deadline().Set(when); }
  void Close() override { socket_.Close(); }
  void ShutdownWrite() override;
  bool IsQuiet() override;
  bool HasRoom() override;
  const Address& peer() const override { return peer_; }

  // What has arrived, without taking it.
  IoResult Peek(std::span<char> into) { return Receive(into, MSG_PEEK); }
  void SetPeer(const Address& peer) { peer_ = peer; }

  // For a TlsStream, which takes the connection over.
  TimedSocket& socket() { return socket_; }

 private:
  bool WorthTrying() const override { return worth_trying_; }
  IoResult TryRead(std::span<char> into) override;
  IoResult TryWrite(std::span<iovec> pieces) override;
  void StartRead(ReadAwaiter& read) override;
  void StartWrite(WriteAwaiter& write) override;
  void StartWait(ReadyAwaiter& wait) override;
  IoResult Receive(std::span<char> into, int flags);
  void FinishRead(ReadAwaiter& read, const boost::system::error_code& error, size_t bytes);

  TimedSocket socket_;
  Address peer_;
  bool worth_trying_ = true;
};

}  // namespace tollgate::io
