// The Stream over TLS: OpenSSL on the socket of a TcpStream, never a memory buffer in between, so that an
// idle connection holds none. Included by proxy/io alone, since it carries Asio's and OpenSSL's headers.
#pragma once

#include <memory>

#include "proxy/io/task.h"
#include "proxy/io/tcp_stream.h"
#include "proxy/io/tls_context.h"

namespace tollgate::io {

class TlsStream final : public Stream {
 public:
  // A connection without a handshake yet, whose side is set. `companion` lives as long as `ssl`, which may
  // point to it.
  TlsStream(std::unique_ptr<TcpStream> plain, OwnedSsl ssl, std::shared_ptr<void> companion = nullptr);

  // co_await: before anything else is done with the stream.
  Task<IoResult> Handshake(SteadyTime deadline);

  void SetReadDeadline(SteadyTime when) override { plain_->SetReadDeadline(when); }
  void SetWriteDeadline(SteadyTime when) override { plain_->SetWriteDeadline(when); }
  // Without close_notify: the peer can tell that what it has may not be all (RFC 8446, section 6.1).
  void Close() override { plain_->Close(); }
  // Sends close_notify, then TCP's FIN.
  void ShutdownWrite() override;
  bool IsQuiet() override;
  bool HasRoom() override { return plain_->HasRoom(); }
  const Address& peer() const override { return plain_->peer(); }

 private:
  struct Ready;  // co_await: until the socket is ready for what the handshake waits for

  bool WorthTrying() const override { return worth_trying_; }
  // An end without close_notify is kFailed: whoever takes the end of the stream for that of a message would
  // else take what was cut off for whole.
  IoResult TryRead(std::span<char> into) override;
  IoResult TryWrite(std::span<iovec> pieces) override;
  void StartRead(ReadAwaiter& read) override;
  void StartWrite(WriteAwaiter& write) override;
  // For the bytes of records: what they carry may still have to be waited for.
  void StartWait(ReadyAwaiter& wait) override;
  // One record's worth.
  IoResult ReadRecord(std::span<char> into);
  // What a call of OpenSSL came to that did not succeed, and in `wanted` what it waits for.
  IoResult ResultOf(int returned, Socket::wait_type& wanted);
  TimedSocket& socket() { return plain_->socket(); }

  const std::unique_ptr<TcpStream> plain_;
  const std::shared_ptr<void> companion_;
  const OwnedSsl ssl_;
  // A read may have to wait until it can write, and the other way round (key updates).
  Socket::wait_type read_waits_for_ = Socket::wait_read;
  Socket::wait_type write_waits_for_ = Socket::wait_write;
  bool worth_trying_ = true;
  bool failed_ = false;  // nothing more can be said on it, close_notify included
};

}  // namespace tollgate::io
