// The frames of one HTTP/2 connection, on the side that asks (RFC 9113; frames and HPACK by nghttp2):
// requests in, bytes out; bytes in, answers out. No socket. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/http/http2_answer.h"
#include "proxy/http/http2_request_head.h"
#include "proxy/http/http2_session.h"
#include "proxy/http/trailers.h"

namespace tollgate::http {

// How a stream came to its end.
enum class Http2StreamEnd : uint8_t {
  kDone,     // both sides have said all they have to say
  kReset,    // the peer, or we, cut it off
  kRefused,  // the peer has not looked at it: REFUSED_STREAM, or behind the last of its GOAWAY (section 8.7)
  kMalformed,  // what came was no answer
};

// Hears what a connection brings. Must not call the session: what is to be done is done once Receive or Take
// has returned.
class Http2ClientObserver {
 public:
  using Outgoing = Http2Observer::Outgoing;

  // The peer speaks HTTP/2, and has said how much it takes.
  virtual void OnSettings() = 0;
  // An answer before the final one (1xx).
  virtual void OnInterim(StreamId stream, std::unique_ptr<Http2Answer> answer) = 0;
  // A final answer.
  virtual void OnAnswer(StreamId stream, std::unique_ptr<Http2Answer> answer) = 0;
  // `data` is valid during the call. Its room is given back by Consume().
  virtual void OnBody(StreamId stream, std::string_view data) = 0;
  // Before OnBodyEnd, where there are any.
  virtual void OnTrailers(StreamId stream, std::unique_ptr<Trailers> trailers) = 0;
  virtual void OnBodyEnd(StreamId stream) = 0;
  // The body of a request, from where OnTaken left it.
  virtual Outgoing Body(StreamId stream) = 0;
  virtual void OnTaken(StreamId stream, size_t bytes) = 0;
  // Nothing more comes or goes on it.
  virtual void OnClosed(StreamId stream, Http2StreamEnd end) = 0;

 protected:
  ~Http2ClientObserver() = default;
};

class Http2ClientSession {
 public:
  // What may lie here unread of one answer: as of a request (Http2Limits). There is no such bound for a
  // connection, or callers who do not read would stop the answers of others on it.
  static constexpr uint32_t kStreamWindow = 256 * 1024;
  // What may be on its way on a connection.
  static constexpr uint32_t kConnectionWindow = 1024 * 1024;

  // `observer` must outlive it.
  explicit Http2ClientSession(Http2ClientObserver& observer);
  ~Http2ClientSession();
  Http2ClientSession(const Http2ClientSession&) = delete;
  Http2ClientSession& operator=(const Http2ClientSession&) = delete;

  // Takes what has arrived. False: the connection is beyond repair; what Take() has is all that is to be
  // sent.
  bool Receive(std::string_view bytes, SteadyTime now);
  // Writes what is to be sent next; how many bytes. 0: nothing now.
  size_t Take(std::span<char> into);
  bool wants_write() const;
  // The connection has come to its end, but for what Take() still has.
  bool finished() const;

  // Whether the connection takes another stream, now or when one has ended: no GOAWAY, identifiers left.
  bool accepts() const;
  // How many streams the peer has at once.
  uint32_t most_streams() const;

  // Begins a stream; 0 where none can be begun any more. `has_body`: the observer is asked for it, and again
  // after Resume() where it had nothing.
  StreamId Submit(const Http2RequestHead& head, bool has_body);
  // The stream may have been closed meanwhile: then nothing happens.
  void Resume(StreamId stream);
  // Gives a stream room for as much as has been read of it.
  void Consume(StreamId stream, size_t bytes);
  void Reset(StreamId stream, Http2Error error);

  // Begins no stream any more and ends when those under way have ended.
  void End();

 private:
  struct Callbacks;
  struct State;

  const std::unique_ptr<State> state_;
};

}  // namespace tollgate::http
