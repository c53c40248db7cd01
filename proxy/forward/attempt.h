// One try at one endpoint: its connection, the request on its way there, and the answer that comes back.
// Watches the caller while the answer's head is waited for. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/forward/answer_observer.h"
#include "proxy/forward/connection_pool.h"
#include "proxy/forward/heads.h"
#include "proxy/forward/verdict.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

// The end of a wait of so many milliseconds; 0: none.
SteadyTime After(uint64_t timeout_ms);

// How long each try of a request may take.
struct AttemptLimits {
  const api::Timeouts& timeouts;
  std::chrono::milliseconds done_caller;  // a caller who has ended its side is waited for so long
  SteadyTime total;                       // the end of the whole exchange, over all tries
  ConnectionLimits connections;
};

// What one try has of its own.
struct TryTerms {
  SteadyTime end =
      SteadyTime::max();  // until when the answer's head may come, because another try may follow
  bool fresh = false;     // over a new connection
};

class Attempt final : exchange::CallerWatcher {
 public:
  Attempt(exchange::Exchange& x, Endpoint& endpoint, const AttemptLimits& limits, const TryTerms& terms)
      : x_(x), endpoint_(endpoint), limits_(limits), terms_(terms) {}

  // Connects, sends the request's head for `destination`, and reads the answer's. The request's body is on
  // its way beside that. An Error: there is no answer, and ending() says how that came.
  io::Task<exchange::Outcome<Done>> Ask(io::Loop& loop, ConnectionPool& pool, Destination destination);
  // Hands the answer on. An Error: nothing was sent to the caller.
  io::Task<exchange::Outcome<Done>> Relay(AnswerObserver& observer);

  // Whether the request's body may still be under way: then EndUpload() comes before the end of the try.
  bool uploading() const { return upload_.started; }
  io::Task<void> EndUpload();
  // What the caller did wrong with its body, where that came before the end of the upload.
  const std::optional<exchange::Error>& callers_fault() const { return callers_fault_; }

  // Takes what has come of an answer that is not handed on; a whole one leaves its connection usable.
  void Discard();
  // Gives the connection back where it can carry another request.
  void Release(ConnectionPool& pool);

  Ending ending() const { return ending_; }
  int status() const { return head_.status; }  // of the answer

 private:
  // The request's body on its way, beside the reading of the answer.
  struct Upload {
    io::Event done;
    bool started = false;
    bool succeeded = true;
    std::optional<exchange::Error> fault = {};
  };

  io::Task<exchange::Outcome<Done>> Open(io::Loop& loop, ConnectionPool& pool);
  io::Task<exchange::Outcome<Done>> AwaitTurn(io::Loop& loop, ConnectionPool& pool);
  io::Task<void> SendRequest(const Destination& destination);
  io::Task<void> SendBody();
  std::string RequestTrailers() const;
  io::Task<exchange::Outcome<Done>> ReadHead();
  exchange::Error NoHead(const http::HeadRead& read);
  // Why a head is no answer; nothing where it is one.
  std::optional<exchange::Error> TakeHead(std::string_view text);
  void EndCut(bool head_sent);

  void AwaitHead();
  void OnCallerDone() override;
  void OnCallerGone() override { stream_->Close(); }
  // Whether a head that did not come in time was waited for less long than it may take.
  bool GaveUp() const { return caller_done_ && SteadyNow() < head_deadline_; }
  SteadyTime Within(uint64_t timeout_ms) const { return std::min(After(timeout_ms), limits_.total); }

  exchange::Exchange& x_;
  Endpoint& endpoint_;
  const AttemptLimits& limits_;
  const TryTerms terms_;
  UpstreamConnection connection_;
  io::Stream* stream_ = nullptr;  // the connection's
  Ending ending_ = Ending::kNotConnected;
  bool reused_ = false;
  SteadyTime head_deadline_;
  bool head_over_ = false;    // the wait for the head has ended
  bool caller_done_ = false;  // it has ended its side of the connection
  bool complete_ = false;     // the whole answer has been read
  Upload upload_;
  std::optional<exchange::Error> callers_fault_;
  std::optional<http::MessageReader> reader_;
  http::ResponseHead head_;
  http::Framing framing_;
};

}  // namespace tollgate::forward
