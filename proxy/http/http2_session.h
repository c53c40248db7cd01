// The frames of one HTTP/2 connection, on the side that serves (RFC 9113; frames and HPACK by nghttp2): bytes
// in, requests out; answers in, bytes out. No socket. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/http/frame_budget.h"
#include "proxy/http/head.h"
#include "proxy/http/http2_request.h"
#include "proxy/http/trailers.h"

namespace tollgate::http {

using StreamId = int32_t;

// What a client says first (RFC 9113, section 3.4); it looks like a head of HTTP/1 and a rest.
inline constexpr std::string_view kHttp2Greeting = "PRI * HTTP/2.0\r\n\r\n";

// RFC 9113, section 7.
enum class Http2Error : uint32_t {
  kNone = 0x0,
  kInternal = 0x2,
  kRefusedStream = 0x7,
  kCancel = 0x8,
};

struct Http2Limits {
  // Requests at once on a connection: what browsers and gRPC clients are used to.
  uint32_t streams = 100;
  // What may lie here unread, of one body and of all of a connection: enough for 100 Mbit/s over 20 ms, and
  // little enough that a thousand connections whose upstreams do not read take no more than 1 GiB.
  uint32_t stream_window = 256 * 1024;
  uint32_t connection_window = 1024 * 1024;
};

// Hears what a connection brings. Must not call the session: what is to be done is done once Receive or Take
// has returned.
class Http2Observer {
 public:
  struct Outgoing {
    std::string_view data;               // what can be sent now
    bool last;                           // that is all
    const Trailers* trailers = nullptr;  // behind it
  };

  // One that is malformed as such says so, and is closed next.
  virtual void OnRequest(StreamId stream, std::unique_ptr<Http2Request> request) = 0;
  // `data` is valid during the call. Its room is given back by Consume().
  virtual void OnBody(StreamId stream, std::string_view data) = 0;
  // Before OnBodyEnd, where there are any.
  virtual void OnTrailers(StreamId stream, std::unique_ptr<Trailers> trailers) = 0;
  virtual void OnBodyEnd(StreamId stream) = 0;
  // The body of an answer, from where OnTaken left it.
  virtual Outgoing Body(StreamId stream) = 0;
  virtual void OnTaken(StreamId stream, size_t bytes) = 0;
  // Nothing more comes or goes on it: both sides have ended, or one of them has cut it off.
  virtual void OnClosed(StreamId stream) = 0;

 protected:
  ~Http2Observer() = default;
};

// The head of an answer: field names in any case, without what describes an HTTP/1 connection.
struct Http2Head {
  int status;
  const Fields& fields;
  std::string_view content_length;  // empty: none is said
};

class Http2Session {
 public:
  // `observer` must outlive it.
  Http2Session(Http2Observer& observer, const Http2Limits& limits);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Takes what has arrived. False: the connection is beyond repair; what Take() has is all that is to be
  // sent.
  bool Receive(std::string_view bytes, SteadyTime now);
  // Writes what is to be sent next; how many bytes. 0: nothing now.
  size_t Take(std::span<char> into);
  bool wants_write() const;
  // The connection has come to its end, but for what Take() still has.
  bool finished() const;

  // The stream may have been closed meanwhile: then nothing happens.
  void SendInterim(StreamId stream, int status, const Fields& fields);
  // `has_body`: the observer is asked for it, and again after Resume() where it had nothing.
  void SendHead(StreamId stream, const Http2Head& head, bool has_body);
  void Resume(StreamId stream);
  // Whether the peer's windows, the stream's and the connection's, let some of a body go.
  bool HasRoom(StreamId stream) const;
  void Consume(StreamId stream, size_t bytes);
  // The same for what came on streams that nobody reads any more.
  void ConsumeUnread(size_t bytes);
  void Reset(StreamId stream, Http2Error error);

  // To be called about once a second. A request that is still coming although its answer has gone out is
  // taken in, and thrown away, for a second or two, as far as its window allows: a client that is writing
  // does not expect to be cut off. Then it is told that nobody wants the rest (section 8.1).
  // `wanted` says whether somebody reads a stream all the same: one direction of a tunnel may end first.
  void EndUnwanted(const std::function<bool(StreamId)>& wanted);

  // Says that new requests should go elsewhere; those that come are served all the same.
  void AnnounceEnd();
  // Serves nothing that comes from now on, and ends when what is under way has been answered.
  void End(Http2Error error);

 private:
  struct Callbacks;
  struct State;

  const std::unique_ptr<State> state_;
};

}  // namespace tollgate::http
