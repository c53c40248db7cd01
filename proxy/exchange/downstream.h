// The caller's side of an exchange, whatever protocol it speaks: the request's body comes from here, the
// answer goes here. One thread: the connection's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/task.h"

namespace tollgate::exchange {

class Downstream {
 public:
  virtual ~Downstream() = default;

  virtual const http::Framing& request_framing() const = 0;
  virtual io::Task<http::BodyPiece> ReadBody() = 0;
  // Waits at most this long for each further piece of the body.
  virtual void SetBodyIdle(std::chrono::milliseconds idle) = 0;

  // The head and the first piece of the body, `last` where that is all of it. False when the caller is gone.
  virtual io::Task<bool> SendHead(const Answer& answer, std::string_view piece, bool last) = 0;
  virtual io::Task<bool> SendBody(std::string_view piece, bool last) = 0;
  // The body cannot be completed: the caller must notice.
  virtual void Abort() = 0;

  virtual bool head_sent() const = 0;
  virtual uint64_t bytes_received() const = 0;  // of the request's body
  virtual uint64_t bytes_sent() const = 0;      // of the answer's body
};

}  // namespace tollgate::exchange
