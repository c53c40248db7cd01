// One try at one endpoint: the request on its way there, and the answer that comes back, over an exchange of
// whatever protocol. Watches the caller while the upstream is waited for. One thread.
#pragma once

#include <optional>

#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/exchange/grpc.h"
#include "proxy/forward/answer_observer.h"
#include "proxy/forward/request_body.h"
#include "proxy/forward/try_terms.h"
#include "proxy/forward/upstream_exchange.h"
#include "proxy/forward/verdict.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

class Attempt final : exchange::CallerWatcher {
 public:
  // All outlive it.
  Attempt(const Try& terms, UpstreamExchange& upstream, RequestBody& body)
      : x_(terms.x),
        limits_(terms.limits),
        terms_(terms.terms),
        upstream_(upstream),
        body_(body),
        grpc_(terms.grpc) {}

  // Connects, sends the request's head for `destination`, and reads the answer's. The request's body is on
  // its way beside that. An Error: there is no answer, and ending() says how that came.
  io::Task<exchange::Outcome<Done>> Ask(Destination destination);
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
  void Release();

  Ending ending() const { return ending_; }
  // Of the answer. A call of gRPC that the target says is unavailable has 503: that is what it says of the
  // endpoint.
  int status() const { return grpc_ && unavailable() ? 503 : upstream_.head().status; }

 private:
  // The request's body on its way, beside the reading of the answer.
  struct Upload {
    io::Event done;
    bool started = false;
    bool succeeded = true;
    std::optional<exchange::Error> fault = {};
  };

  io::Task<void> SendBody();
  void BeginUpload();
  exchange::Error NoHead(const Failure& failure);
  io::Task<exchange::Outcome<Done>> RelayBody(const exchange::Answer& answer, AnswerObserver& observer);
  io::Task<http::BodyPiece> ReadMore();
  io::Task<exchange::Outcome<Done>> RelayTunnel(AnswerObserver& observer);
  bool Take(const http::BodyPiece& piece, AnswerObserver& observer);
  std::string_view Recode(AnswerObserver& observer, http::BodyPiece& piece);
  void HandOn(const http::Trailers& trailers);
  void NoteCut(bool late);
  io::Task<void> EndCut(const exchange::Answer& answer, bool late);
  // A call of gRPC over HTTP/2: it is one exchange in both directions, and has a place behind its answer for
  // what went wrong.
  bool is_stream() const { return x_.grpc.is_call && x_.head.major_version == 2; }
  bool unavailable() const { return x_.grpc.status == exchange::kGrpcUnavailable; }
  // When neither direction of the exchange has been used for too long.
  SteadyTime IdleEnd() const;

  void AwaitHead();
  void WatchReader();
  void OnCallerDone() override;
  void OnCallerGone() override { upstream_.Close(); }
  bool abandoned() const {
    return x_.downstream.caller() != exchange::Caller::kThere || upload_.fault.has_value();
  }
  // Whether a head that did not come in time was waited for less long than it may take.
  bool GaveUp() const { return caller_done_ && SteadyNow() < head_deadline_; }

  exchange::Exchange& x_;
  const AttemptLimits& limits_;
  const TryTerms& terms_;
  UpstreamExchange& upstream_;
  RequestBody& body_;
  const bool grpc_;
  Ending ending_ = Ending::kNotConnected;
  SteadyTime head_deadline_;
  bool opened_ = false;
  bool head_over_ = false;    // the wait for the head has ended
  bool caller_done_ = false;  // it has ended its side of the connection
  bool relaying_ = false;     // the answer is on its way to the caller
  bool complete_ = false;     // the whole answer has been read
  SteadyTime used_;           // when bytes last moved
  Upload upload_;
  std::optional<exchange::Error> callers_fault_;
};

}  // namespace tollgate::forward
