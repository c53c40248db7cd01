// One request and its answer on their way to an endpoint and back, whatever protocol is spoken there. The
// request's body goes out while the answer comes in: one coroutine sends, another one receives. One thread.
#pragma once

#include <optional>
#include <string_view>

#include "proxy/exchange/error.h"
#include "proxy/forward/heads.h"
#include "proxy/forward/verdict.h"
#include "proxy/http/framing.h"
#include "proxy/http/head.h"
#include "proxy/http/message_reader.h"
#include "proxy/http/trailers.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

// Why there is no answer: how that ended the try, and what the caller is told.
struct Failure {
  Ending ending;
  exchange::Error error;
};

class UpstreamExchange {
 public:
  virtual ~UpstreamExchange() = default;

  // Gets hold of a connection. Nothing has been sent where it fails.
  virtual io::Task<std::optional<Failure>> Open() = 0;

  // The request's head, and its end where there is no body. False, here and below: nothing more is taken.
  virtual io::Task<bool> SendHead(const Destination& destination) = 0;
  virtual io::Task<bool> SendBody(std::string_view piece) = 0;
  // The end of the body, with what the caller sent behind it.
  virtual io::Task<bool> SendEnd() = 0;
  // Of what is sent from now on.
  virtual void SetWriteDeadline(SteadyTime when) = 0;

  // Waits for the final answer's head; then head() and framing() are there.
  virtual io::Task<std::optional<Failure>> ReadHead() = 0;
  virtual const http::ResponseHead& head() const = 0;
  const http::Framing& framing() const { return framing_; }
  // The body: what has come already, without waiting, as http::MessageReader has it; and what comes.
  virtual http::BodyPiece TakeBufferedBody() = 0;
  virtual io::Task<http::BodyPiece> ReadBody() = 0;
  virtual bool body_done() const = 0;
  // Behind a body that has ended; nullptr: nothing.
  virtual const http::Trailers* trailers() const = 0;
  // Applies to a wait under way, too.
  virtual void SetReadDeadline(SteadyTime when) = 0;

  // Gives back what memory can be, while nobody wants to read: every piece read so far has been used.
  virtual void ReleaseSpace() {}

  // Behind an answer of 101, which HTTP/1.1 alone has: SendBody and ReadBody carry a tunnel's bytes from now
  // on, until each side ends its own.
  virtual void BeginTunnel() {}

  // Gives the exchange up: what waits for it ends. May be called twice.
  virtual void Close() = 0;
  // The answer has come whole and the request has gone out whole: the connection may serve others.
  virtual void Release() = 0;

 protected:
  http::Framing framing_;
};

}  // namespace tollgate::forward
