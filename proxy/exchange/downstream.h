// The caller's side of an exchange, whatever protocol it speaks: the request's body comes from here, the
// answer goes here. One thread: the connection's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/http/message_reader.h"
#include "proxy/http/trailers.h"
#include "proxy/io/task.h"

namespace tollgate::exchange {

// Whether there is anybody to answer to.
enum class Caller : uint8_t {
  kThere,
  kGone,  // the connection is broken
  kCut,   // the gateway ends and has cut it
};

// Why not, for the log.
constexpr std::string_view ReasonOf(Caller caller) {
  return caller == Caller::kCut ? "drain-cut" : "downstream-gone";
}

// Hears that the caller needs no answer any more.
class CallerWatcher {
 public:
  // It sends nothing more: it may still wait for its answer, or have gone.
  virtual void OnCallerDone() = 0;
  virtual void OnCallerGone() = 0;

 protected:
  ~CallerWatcher() = default;
};

class Downstream {
 public:
  virtual ~Downstream() = default;

  virtual const http::Framing& request_framing() const = 0;
  virtual io::Task<http::BodyPiece> ReadBody() = 0;
  // What came behind the body, once that has ended; nullptr: nothing did.
  virtual const http::Trailers* request_trailers() const = 0;
  // Waits at most this long for each further piece of the body.
  virtual void SetBodyIdle(std::chrono::milliseconds idle) = 0;

  // An interim answer (1xx) before the one that counts; `fields` are its own, without those of a connection.
  // Passed over where the caller's protocol has none, or where it has not taken the one before yet.
  virtual io::Task<void> SendInterim(int status, const http::Fields& fields) = 0;
  // The head and the first piece of the body, `last` where that is all of it. False when the caller is gone.
  virtual io::Task<bool> SendHead(const Answer& answer, std::string_view piece, bool last) = 0;
  virtual io::Task<bool> SendBody(std::string_view piece, bool last) = 0;
  // Whether the caller takes more just now. Where not: AwaitRoom() comes back once he does, and whoever has
  // the next piece to fetch before it can be sent holds no memory for it meanwhile. False when the caller is
  // gone.
  virtual bool HasRoom() = 0;
  virtual io::Task<bool> AwaitRoom() = 0;
  // What stands behind the answer's body: said before its last piece is sent, and there until it has been. A
  // caller who has not said that he takes it gets the body alone.
  virtual void SetTrailers(const http::Trailers& trailers) = 0;
  // The body cannot be completed: the caller must notice.
  virtual void Abort() = 0;

  virtual Caller caller() const = 0;
  // From now on `watcher` hears of the caller, a second or two late; nullptr: nobody does. Only after the
  // whole request has been read.
  virtual void Watch(CallerWatcher* watcher) = 0;

  virtual bool head_sent() const = 0;
  virtual uint64_t bytes_received() const = 0;  // of the request's body
  virtual uint64_t bytes_sent() const = 0;      // of the answer's body
};

}  // namespace tollgate::exchange
