#include "proxy/io/tls_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace tollgate::io {
namespace {

// What one record can hold (RFC 8446, section 5.1).
constexpr size_t kRecordBytes = 16 * 1024;

// Of a sender that has more to say.
constexpr size_t kLargeRecord = 4 * 1024;

// SSL_get_error looks at both.
void ForgetErrors() {
  ERR_clear_error();
  errno = 0;
}

// The first pieces as one text of at most a record: a head and a short body then cost one record and one
// system call. Valid until the next call on this thread. The same pieces give the same text, which is what
// OpenSSL asks of a write that is tried again.
std::string_view Gather(std::span<const iovec> pieces) {
  thread_local std::array<char, kRecordBytes> record;
  const iovec& first = pieces.front();
  if (pieces.size() == 1 || first.iov_len >= kRecordBytes) {
    return {static_cast<const char*>(first.iov_base), std::min(first.iov_len, kRecordBytes)};
  }
  size_t size = 0;
  for (const iovec& piece : pieces) {
    const size_t part = std::min(piece.iov_len, kRecordBytes - size);
    std::memcpy(record.data() + size, piece.iov_base, part);
    size += part;
  }
  return {record.data(), size};
}

}  // namespace

struct TlsStream::Ready {
  TlsStream& stream;
  IoResult result;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    TimedSocket& socket = stream.socket();
    socket.AwaitReady(socket.read_deadline(), stream.read_waits_for_,
                      [this, waiter](IoStatus status, int error) {
                        result = {status, 0, error};
                        waiter.resume();
                      });
  }
  IoResult await_resume() const { return result; }
};

TlsStream::TlsStream(std::unique_ptr<TcpStream> plain, OwnedSsl ssl, std::shared_ptr<void> companion)
    : plain_(std::move(plain)), companion_(std::move(companion)), ssl_(std::move(ssl)) {
  if (socket().is_open()) SSL_set_fd(ssl_.get(), socket().fd());
}

Task<IoResult> TlsStream::Handshake(SteadyTime deadline) {
  SetReadDeadline(deadline);
  while (socket().is_open()) {
    ForgetErrors();
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned == 1) {
      SetReadDeadline(SteadyTime::max());
      co_return IoResult{};
    }
    const IoResult result = ResultOf(returned, read_waits_for_);
    if (result.status != IoStatus::kWouldBlock) co_return result;
    Ready ready{*this, {}};
    const IoResult waited = co_await ready;
    if (!waited.ok()) co_return waited;
  }
  co_return IoResult{IoStatus::kCancelled};
}

IoResult TlsStream::ResultOf(int returned, Socket::wait_type& wanted) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: wanted = Socket::wait_read; return {IoStatus::kWouldBlock};
    case SSL_ERROR_WANT_WRITE: wanted = Socket::wait_write; return {IoStatus::kWouldBlock};
    case SSL_ERROR_ZERO_RETURN: return {IoStatus::kEof};
    default: break;
  }
  failed_ = true;
  return {IoStatus::kFailed, 0, errno != 0 ? errno : EPROTO};
}

void TlsStream::ShutdownWrite() {
  if (!socket().is_open()) return;
  ForgetErrors();
  if (!failed_ && SSL_is_init_finished(ssl_.get())) (void)SSL_shutdown(ssl_.get());
  plain_->ShutdownWrite();
}

bool TlsStream::IsQuiet() {
  if (!socket().is_open() || failed_) return false;
  ForgetErrors();
  char byte;
  // Takes in what is the peer's by rights, such as a new session ticket.
  const int returned = SSL_peek(ssl_.get(), &byte, 1);
  worth_trying_ = true;  // what was read so far stands in OpenSSL's buffer
  return returned <= 0 && ResultOf(returned, read_waits_for_).status == IoStatus::kWouldBlock;
}

IoResult TlsStream::ReadRecord(std::span<char> into) {
  ForgetErrors();
  size_t bytes = 0;
  const int returned = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
  return returned == 1 ? IoResult{IoStatus::kOk, bytes} : ResultOf(returned, read_waits_for_);
}

IoResult TlsStream::TryRead(std::span<char> into) {
  size_t bytes = 0;
  bool more = true;
  while (more && bytes < into.size()) {
    if (!socket().is_open()) return {IoStatus::kCancelled};
    const IoResult record = ReadRecord(into.subspan(bytes));
    worth_trying_ = record.status != IoStatus::kWouldBlock;
    if (!record.ok() && bytes == 0) return record;
    if (!record.ok()) return {IoStatus::kOk, bytes};  // and is met again by the next read
    bytes += record.bytes;
    // What OpenSSL has read ahead; and behind a large record comes another one, but behind a request nothing.
    more = SSL_has_pending(ssl_.get()) == 1 || record.bytes >= kLargeRecord;
  }
  worth_trying_ = more;
  return {IoStatus::kOk, bytes};
}

IoResult TlsStream::TryWrite(std::span<iovec> pieces) {
  if (!socket().is_open()) return {IoStatus::kCancelled};
  const std::string_view record = Gather(pieces);
  ForgetErrors();
  size_t bytes = 0;
  const int returned = SSL_write_ex(ssl_.get(), record.data(), record.size(), &bytes);
  return returned == 1 ? IoResult{IoStatus::kOk, bytes} : ResultOf(returned, write_waits_for_);
}

void TlsStream::StartRead(ReadAwaiter& read) {
  socket().AwaitReady(socket().read_deadline(), read_waits_for_, [this, &read](IoStatus status, int error) {
    read.result = status == IoStatus::kOk ? TryRead(read.into) : IoResult{status, 0, error};
    if (read.result.status == IoStatus::kWouldBlock) return StartRead(read);
    read.waiter.resume();
  });
}

void TlsStream::StartWrite(WriteAwaiter& write) {
  socket().AwaitReady(socket().write_deadline(), write_waits_for_,
                      [this, &write](IoStatus status, int error) {
                        if (status != IoStatus::kOk) {
                          write.result = {status, 0, error};
                        } else if (!write.Advance()) {
                          return StartWrite(write);
                        }
                        write.waiter.resume();
                      });
}

void TlsStream::StartWait(ReadyAwaiter& wait) {
  const bool for_input = wait.what == ReadyAwaiter::For::kInput;
  worth_trying_ = worth_trying_ || for_input;
  socket().AwaitReady(for_input ? socket().read_deadline() : socket().write_deadline(),
                      for_input ? Socket::wait_read : Socket::wait_write,
                      [&wait](IoStatus status, int error) {
                        wait.result = {status, 0, error};
                        wait.waiter.resume();
                      });
}

}  // namespace tollgate::io
