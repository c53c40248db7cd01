#include "proxy/forward/attempt.h"

#include <algorithm>

#include "proxy/forward/failures.h"
#include "proxy/forward/heads.h"
#include "proxy/forward/tunnel.h"

namespace tollgate::forward {

using exchange::Error;
using exchange::Outcome;
using std::chrono::milliseconds;

namespace {

bool IsSound(const http::BodyPiece& piece) {
  return piece.status == http::BodyPiece::Status::kData || piece.status == http::BodyPiece::Status::kEnd;
}

}  // namespace

namespace {

// What a caller is told behind the beginning of an answer.
struct StreamEnd {
  int status;
  std::string message;
};

StreamEnd StreamEndOf(const exchange::Exchange& x, bool late, SteadyTime total) {
  if (!late) return {exchange::kGrpcUnavailable, "The upstream broke the answer off."};
  if (x.grpc.past_deadline()) return {exchange::kGrpcDeadlineExceeded, DeadlineIsOver().detail};
  if (SteadyNow() >= total) return {exchange::kGrpcDeadlineExceeded, TimeIsOver().detail};
  return {exchange::kGrpcUnavailable, "Neither side has sent anything for as long as it may."};
}

}  // namespace

io::Task<Outcome<Done>> Attempt::Ask(Destination destination) {
  // A body that is on its way shows by itself what becomes of its caller.
  const bool has_body = x_.downstream.request_framing().has_body();
  if (!has_body) x_.downstream.Watch(this);
  std::optional<Failure> failure = co_await upstream_.Open();
  if (failure) {
    x_.downstream.Watch(nullptr);
    co_return NoHead(*failure);
  }
  opened_ = true;
  if (abandoned()) upstream_.Close();  // whoever left meanwhile is not told of again
  upstream_.SetWriteDeadline(limits_.Within(limits_.timeouts.idle_ms()));
  AwaitHead();
  upload_.succeeded = co_await upstream_.SendHead(destination);
  if (upload_.succeeded && has_body) BeginUpload();
  if (!upload_.started) x_.downstream.Watch(this);
  // An upstream may answer without reading all of the request: its answer counts, not our failed write.
  failure = co_await upstream_.ReadHead();
  head_over_ = true;
  x_.downstream.Watch(nullptr);
  if (failure) co_return NoHead(*failure);
  ending_ = Ending::kAnswered;
  if (x_.grpc.is_call) x_.grpc.status = exchange::GrpcStatusIn(upstream_.head().fields);
  co_return Done{};
}

void Attempt::BeginUpload() {
  upload_.started = true;
  upstream_.SetReadDeadline(limits_.total);
  // 0 is no limit of the rule's: the caller's side keeps its own.
  const milliseconds idle(limits_.timeouts.idle_ms());
  if (idle.count() > 0) x_.downstream.SetBodyIdle(idle);
  body_.Rewind();
  io::Detach(SendBody());
}

io::Task<void> Attempt::SendBody() {
  upload_.succeeded = false;
  while (true) {
    const http::BodyPiece piece = co_await body_.Read();
    if (piece.status == http::BodyPiece::Status::kEnd) {
      upload_.succeeded = co_await upstream_.SendEnd();
      break;
    }
    // Whoever listens to a stream may have nothing to say: it is for the other direction to tell when neither
    // is used any more.
    if (piece.status == http::BodyPiece::Status::kTimeout && relaying_ && is_stream()) continue;
    // The caller gave up or broke the framing: the upstream must not take what it got for a whole request.
    if (piece.status != http::BodyPiece::Status::kData) {
      upload_.fault = BodyError(piece);
      upstream_.Close();
      break;
    }
    upstream_.SetWriteDeadline(limits_.Within(limits_.timeouts.idle_ms()));
    const bool taken = co_await upstream_.SendBody(piece.data);
    if (!taken) break;
    used_ = SteadyNow();
  }
  // From here on the upstream is the one that is waited for, unless it has answered already.
  if (!head_over_) AwaitHead();
  if (!head_over_ && upload_.succeeded) x_.downstream.Watch(this);
  if (relaying_ && upload_.succeeded) WatchReader();
  upload_.done.Set();
}

io::Task<void> Attempt::EndUpload() {
  // Ending the upload makes a fault of its own.
  callers_fault_ = upload_.fault;
  if (!upload_.done.is_set()) {
    // Nobody needs the rest of the body: end both sides of the upload and wait for it.
    upstream_.Close();
    x_.downstream.SetBodyIdle(milliseconds(0));
  }
  co_await upload_.done;
}

// Everything has been sent: it is the upstream's turn.
void Attempt::AwaitHead() {
  head_deadline_ = std::min(terms_.end, limits_.Within(limits_.timeouts.first_byte_ms()));
  const SteadyTime patience = caller_done_ ? SteadyNow() + limits_.done_caller : SteadyTime::max();
  upstream_.SetReadDeadline(std::min(head_deadline_, patience));
}

void Attempt::OnCallerDone() {
  caller_done_ = true;
  if (opened_) upstream_.SetReadDeadline(std::min(head_deadline_, SteadyNow() + limits_.done_caller));
}

Error Attempt::NoHead(const Failure& failure) {
  const bool late = failure.ending == Ending::kSilent;
  if (late && GaveUp()) x_.downstream.Abort();
  ending_ = abandoned() ? Ending::kAbandoned : failure.ending;
  if (x_.grpc.past_deadline()) {
    ending_ = Ending::kAbandoned;  // how long a caller waits says nothing of the endpoint
    return DeadlineIsOver();
  }
  if (late && SteadyNow() >= terms_.end) return TryIsOver();
  return failure.error;
}

io::Task<Outcome<Done>> Attempt::RelayTunnel(AnswerObserver& observer) {
  upstream_.BeginTunnel();
  exchange::Answer answer;
  MakeAnswer(upstream_.head(), upstream_.framing(), x_.tells_limits(), answer);
  answer.framing.kind = http::Framing::Kind::kUntilClose;
  x_.source = exchange::Source::kUpstream;
  x_.status = answer.status;
  observer.OnHead(upstream_.head(), upstream_.framing(), answer);
  x_.answered = SteadyNow();
  Tunnel tunnel(x_, upstream_, {milliseconds(limits_.timeouts.idle_ms()), limits_.total});
  co_await tunnel.Run(answer);
  co_return Done{};
}

io::Task<Outcome<Done>> Attempt::Relay(AnswerObserver& observer) {
  if (upstream_.head().status == 101) co_return co_await RelayTunnel(observer);
  exchange::Answer answer;
  MakeAnswer(upstream_.head(), upstream_.framing(), x_.tells_limits(), answer);
  answer.trailers_only = is_stream() && !answer.framing.has_body();
  x_.source = exchange::Source::kUpstream;
  x_.status = answer.status;
  observer.OnHead(upstream_.head(), upstream_.framing(), answer);
  x_.answered = SteadyNow();
  relaying_ = true;
  used_ = SteadyNow();
  if (!upload_.started || upload_.done.is_set()) WatchReader();
  Outcome<Done> outcome = co_await RelayBody(answer, observer);
  relaying_ = false;
  x_.downstream.Watch(nullptr);
  co_return outcome;
}

io::Task<Outcome<Done>> Attempt::RelayBody(const exchange::Answer& answer, AnswerObserver& observer) {
  bool head_sent = false;
  http::BodyPiece piece = upstream_.TakeBufferedBody();
  while (true) {
    if (!Take(piece, observer)) {
      const bool late = piece.status == http::BodyPiece::Status::kTimeout;
      NoteCut(late);
      if (!head_sent) co_return BodyInvalid();
      co_await EndCut(answer, late);
      co_return Done{};
    }
    std::string_view outgoing = piece.data;
    const bool waits = piece.data.empty() && !complete_;
    if (observer.recodes() && !waits) outgoing = Recode(observer, piece);
    // The head goes out at once even where no body has come yet: a stream's reader waits for it.
    bool delivered;
    if (!std::exchange(head_sent, true)) {
      delivered = co_await x_.downstream.SendHead(answer, outgoing, complete_);
    } else {
      delivered = co_await x_.downstream.SendBody(outgoing, complete_);
    }
    if (delivered && !complete_ && !x_.downstream.HasRoom()) {
      // What a slow caller cannot take yet stays where it comes from.
      upstream_.ReleaseSpace();
      delivered = co_await x_.downstream.AwaitRoom();
    }
    if (!delivered) x_.reason = ReasonOf(x_.downstream.caller());
    if (!delivered || complete_) co_return Done{};
    if (!IsSound(piece)) continue;
    used_ = SteadyNow();
    piece = co_await ReadMore();
  }
}

void Attempt::HandOn(const http::Trailers& trailers) {
  x_.downstream.SetTrailers(trailers);
  if (x_.grpc.is_call) x_.grpc.status = exchange::GrpcStatusIn(trailers);
}

// Of a stream, what the caller sends counts, too.
io::Task<http::BodyPiece> Attempt::ReadMore() {
  while (true) {
    upstream_.SetReadDeadline(IdleEnd());
    const http::BodyPiece piece = co_await upstream_.ReadBody();
    if (piece.status != http::BodyPiece::Status::kTimeout || SteadyNow() >= IdleEnd()) co_return piece;
  }
}

// Tells of what has come. False: it is no part of a body.
bool Attempt::Take(const http::BodyPiece& piece, AnswerObserver& observer) {
  if (!IsSound(piece)) return false;
  if (!piece.data.empty()) observer.OnBody(piece.data);
  complete_ = piece.status == http::BodyPiece::Status::kEnd || upstream_.body_done();
  const http::Trailers* const trailers = complete_ ? upstream_.trailers() : nullptr;
  if (complete_) observer.OnEnd(trailers != nullptr);
  if (trailers != nullptr) HandOn(*trailers);
  return true;
}

// What the piece becomes for the caller, with what has come behind it already: by itself each of many small
// ones would hardly get smaller. Then `piece` is the last of those, and may be no sound one.
std::string_view Attempt::Recode(AnswerObserver& observer, http::BodyPiece& piece) {
  observer.Recode(piece.data);
  for (size_t gathered = piece.data.size(); !complete_ && gathered < io::kBlockBytes;) {
    piece = upstream_.TakeBufferedBody();
    if (!Take(piece, observer) || piece.data.empty()) break;
    observer.Recode(piece.data);
    gathered += piece.data.size();
  }
  return observer.Recoded(complete_);
}

SteadyTime Attempt::IdleEnd() const {
  const uint64_t idle = limits_.timeouts.idle_ms();
  return idle == 0 ? limits_.total : std::min(limits_.total, used_ + milliseconds(idle));
}

// A caller of HTTP/2 may cancel a request and go on with others: its upstream is to hear of it at once. On a
// connection of HTTP/1.1 the next piece of the answer shows it.
void Attempt::WatchReader() {
  if (x_.head.major_version == 2) x_.downstream.Watch(this);
}

// The answer's body broke off, or is none.
void Attempt::NoteCut(bool late) {
  const exchange::Caller caller = x_.downstream.caller();
  const bool there = caller == exchange::Caller::kThere;
  // How long a caller waits says nothing of the endpoint, and a stream may be silent.
  ending_ = there && !(late && is_stream()) ? Ending::kInvalid : Ending::kAbandoned;
  x_.reason = there ? "upstream-body-cut" : ReasonOf(caller);
  if (there && x_.grpc.past_deadline()) x_.reason = DeadlineIsOver().reason;
}

// The caller has the beginning of it. A stream has a place for a status behind that, but where a length was
// promised.
io::Task<void> Attempt::EndCut(const exchange::Answer& answer, bool late) {
  const bool there = x_.downstream.caller() == exchange::Caller::kThere;
  if (!there || !is_stream() || answer.framing.kind != http::Framing::Kind::kChunked) {
    co_return x_.downstream.Abort();
  }
  const StreamEnd end = StreamEndOf(x_, late, limits_.total);
  x_.grpc.status = end.status;
  http::Trailers trailers;
  (void)trailers.Add("grpc-status", std::to_string(end.status));
  (void)trailers.Add("grpc-message", exchange::GrpcMessage(end.message));
  x_.downstream.SetTrailers(trailers);
  (void)co_await x_.downstream.SendBody({}, true);
}

void Attempt::Discard() {
  while (!upstream_.body_done()) {
    const http::BodyPiece piece = upstream_.TakeBufferedBody();
    if (piece.status != http::BodyPiece::Status::kData || piece.data.empty()) break;
  }
  complete_ = upstream_.body_done();
}

void Attempt::Release() {
  if (complete_ && upload_.succeeded) upstream_.Release();
}

}  // namespace tollgate::forward
