// TCP by Boost.Asio: connecting, listening, and the Stream over a socket. One thread: the loop's.
#pragma once

#include <chrono>
#include <coroutine>
#include <memory>

#include "api/base/result.h"
#include "proxy/io/descriptor.h"
#include "proxy/io/loop.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"

namespace tollgate::io {

// A stream over a connected, non-blocking socket, whose ownership passes over.
std::unique_ptr<Stream> AdoptSocket(Loop& loop, int socket, const Address& peer);

// Of a stream that an Acceptor gave, as long as nothing is under way on it. What has arrived, without taking
// it out of the socket: kWouldBlock where nothing has.
IoResult Peek(Stream& accepted, std::span<char> into);
// Whom it comes from in truth, where a proxy in front of us has said so.
void SetPeer(Stream& accepted, const Address& peer);

// What a socket is bound to.
Address LocalAddress(int socket);

// Connects; `why` of a failure is an errno (ETIMEDOUT when the deadline passed).
struct Connected {
  std::unique_ptr<Stream> stream;
  int error = 0;
};
Task<Connected> Connect(Loop& loop, const Address& to, SteadyTime deadline);

// Whether several listeners of this process, one a core, share the address (SO_REUSEPORT).
enum class Sharing { kNone, kCores };

// Of two addresses of one host, whichever can be reached: the second one is tried, too, when the first one
// has failed, or has said nothing for kConnectStagger (RFC 8305, section 5: 250 ms are recommended).
inline constexpr std::chrono::milliseconds kConnectStagger{250};
Task<Connected> ConnectEither(Loop& loop, const Address& first, const Address& second, SteadyTime deadline);

// Whether this machine knows a way to the address. Sends nothing.
bool HasRoute(const Address& to);

// A connection that nothing has been read of: still free to be served by any loop (AdoptSocket).
struct Accepted {
  Descriptor socket;  // not ok(): there is none
  Address peer;
};

class Acceptor {
 public:
  virtual ~Acceptor() = default;

  // Fails with a sentence that names the address, the reason and the remedy.
  static Result<std::unique_ptr<Acceptor>> Listen(Loop& loop, const Address& on, Sharing sharing);
  // The same for one of several, but nobody is led to it before the first Accept().
  static Result<std::unique_ptr<Acceptor>> Bind(Loop& loop, const Address& on);
  // Of a socket that listens already, as it came from another process.
  static Result<std::unique_ptr<Acceptor>> Adopt(Loop& loop, Descriptor listening);

  // Whether an address is free. SO_REUSEPORT would let a second process of the same user take half of the
  // connections of a first without a word: ask this before the first of the cores listens.
  static Status<> CheckFree(const Address& on);

  // co_await: the next connection; nullptr after Close().
  virtual Task<std::unique_ptr<Stream>> Accept() = 0;
  // The same, without a loop of its own yet.
  virtual Task<Accepted> AcceptSocket() = 0;
  virtual void Close() = 0;
  // Closes as soon as nobody waits in the queue any more, whom closing would reset: Accept() hands those out
  // first.
  virtual void Finish() = 0;
  // With the port that the kernel chose where 0 was asked for.
  virtual const Address& local() const = 0;
  // Stays this one's.
  virtual int socket() const = 0;
};

}  // namespace tollgate::io
