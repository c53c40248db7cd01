// The narrow transport: a byte stream that a coroutine reads, writes and gives deadlines. Everything above
// speaks to this, so that TLS, another reactor or a test can stand behind it. One thread: its loop's.
//
// At most one read and one write may be under way at a time; both may be. A stream must not be destroyed
// while either is.
#pragma once

#include <sys/uio.h>

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/io/address.h"

namespace tollgate::io {

enum class IoStatus : uint8_t {
  kOk,
  kWouldBlock,  // only from TryRead and TryWrite
  kEof,         // the peer has closed its sending side
  kTimeout,     // the deadline passed
  kCancelled,   // Close() was called
  kFailed,      // `error` says why
};

struct IoResult {
  IoStatus status = IoStatus::kOk;
  size_t bytes = 0;
  int error = 0;  // errno, of kFailed

  bool ok() const { return status == IoStatus::kOk; }
};

class Stream {
 public:
  struct ReadAwaiter;
  struct WriteAwaiter;
  struct ReadyAwaiter;
  static constexpr size_t kMaxPieces = 4;

  virtual ~Stream() = default;

  // co_await: one byte or more into `into`, or why not.
  ReadAwaiter Read(std::span<char> into);

  // co_await: all of the pieces, gathered into as few system calls as they fit, or why not.
  WriteAwaiter Write(std::string_view a, std::string_view b = {}, std::string_view c = {},
                     std::string_view d = {});

  // co_await: until there is something to read (after IsQuiet() was true), or why not. Costs a system call
  // more than Read, and holds no memory while it waits.
  ReadyAwaiter AwaitInput();
  // co_await: until the kernel has room for more than a little, or why not. Whether it has now, HasRoom()
  // says. In place of a write: not while one is under way.
  ReadyAwaiter AwaitRoom();
  virtual bool HasRoom() = 0;

  // Applies to the waits that follow and to one under way; SteadyTime::max() is none.
  virtual void SetReadDeadline(SteadyTime when) = 0;
  virtual void SetWriteDeadline(SteadyTime when) = 0;

  // Ends what is under way with kCancelled and closes. May be called twice.
  virtual void Close() = 0;
  // Says to the peer that nothing more will be sent (TCP FIN).
  virtual void ShutdownWrite() = 0;

  // Whether a stream that should be silent is: false when the peer has closed it or sent something.
  virtual bool IsQuiet() = 0;

  virtual const Address& peer() const = 0;

 protected:
  // False when the last read emptied the kernel's buffer, so that trying first would only cost a call.
  virtual bool WorthTrying() const = 0;
  virtual IoResult TryRead(std::span<char> into) = 0;
  virtual IoResult TryWrite(std::span<iovec> pieces) = 0;
  virtual void StartRead(ReadAwaiter& read) = 0;
  virtual void StartWrite(WriteAwaiter& write) = 0;
  virtual void StartWait(ReadyAwaiter& wait) = 0;
};

struct Stream::ReadAwaiter {
  Stream& stream;
  std::span<char> into;
  IoResult result;
  std::coroutine_handle<> waiter;

  bool await_ready() {
    if (!stream.WorthTrying()) return false;
    result = stream.TryRead(into);
    return result.status != IoStatus::kWouldBlock;
  }
  void await_suspend(std::coroutine_handle<> awaiting) {
    waiter = awaiting;
    stream.StartRead(*this);
  }
  IoResult await_resume() const { return result; }
};

struct Stream::WriteAwaiter {
  Stream& stream;
  std::array<iovec, kMaxPieces> pieces;
  size_t first;  // pieces before it are written
  size_t count;
  IoResult result;
  std::coroutine_handle<> waiter;

  // Writes what the kernel takes now; true when all is written or the stream failed.
  bool Advance() {
    while (first < count) {
      result = stream.TryWrite(std::span(pieces).subspan(first, count - first));
      if (!result.ok()) return result.status != IoStatus::kWouldBlock;
      Skip(result.bytes);
    }
    result = {};
    return true;
  }
  void Skip(size_t written) {
    while (first < count && written >= pieces[first].iov_len) written -= pieces[first++].iov_len;
    if (first == count) return;
    pieces[first].iov_base = static_cast<char*>(pieces[first].iov_base) + written;
    pieces[first].iov_len -= written;
  }
  bool await_ready() { return Advance(); }
  void await_suspend(std::coroutine_handle<> awaiting) {
    waiter = awaiting;
    stream.StartWrite(*this);
  }
  IoResult await_resume() const { return result; }
};

struct Stream::ReadyAwaiter {
  enum class For : uint8_t { kInput, kRoom };

  Stream& stream;
  For what;
  IoResult result;
  std::coroutine_handle<> waiter;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiting) {
    waiter = awaiting;
    stream.StartWait(*this);
  }
  IoResult await_resume() const { return result; }
};

inline Stream::ReadyAwaiter Stream::AwaitInput() { return {*this, ReadyAwaiter::For::kInput, {}, nullptr}; }
inline Stream::ReadyAwaiter Stream::AwaitRoom() { return {*this, ReadyAwaiter::For::kRoom, {}, nullptr}; }

inline Stream::ReadAwaiter Stream::Read(std::span<char> into) { return {*this, into, {}, nullptr}; }

inline Stream::WriteAwaiter Stream::Write(std::string_view a, std::string_view b, std::string_view c,
                                          std::string_view d) {
  WriteAwaiter write{*this, {}, 0, 0, {}, nullptr};
  for (const std::string_view piece : {a, b, c, d}) {
    if (!piece.empty()) write.pieces[write.count++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  return write;
}

}  // namespace tollgate::io
