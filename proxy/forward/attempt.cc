#include "proxy/forward/attempt.h"

#include <algorithm>

#include "proxy/forward/failures.h"
#include "proxy/forward/heads.h"
#include "proxy/http/chunk_head.h"
#include "proxy/io/tcp.h"

namespace tollgate::forward {

using exchange::Error;
using exchange::Outcome;
using std::chrono::milliseconds;

SteadyTime After(uint64_t timeout_ms) {
  return timeout_ms == 0 ? SteadyTime::max() : SteadyNow() + milliseconds(timeout_ms);
}

io::Task<Outcome<Done>> Attempt::Ask(io::Loop& loop, ConnectionPool& pool, Destination destination) {
  Outcome<Done> opened = co_await Open(loop, pool);
  if (!opened.ok()) co_return opened;
  co_await SendRequest(destination);
  if (!upload_.started) x_.downstream.Watch(this);
  // An upstream may answer without reading all of the request: its answer counts, not our failed write.
  Outcome<Done> answered = co_await ReadHead();
  head_over_ = true;
  x_.downstream.Watch(nullptr);
  co_return answered;
}

io::Task<Outcome<Done>> Attempt::Open(io::Loop& loop, ConnectionPool& pool) {
  if (!terms_.fresh) connection_ = pool.Take(endpoint_);
  if (!connection_.stream) {
    if (endpoint_.permits->Take(limits_.connections.connections)) {
      connection_.permit = Permit(endpoint_.permits);
    } else {
      Outcome<Done> turn = co_await AwaitTurn(loop, pool);
      if (!turn.ok()) co_return turn;
    }
  }
  reused_ = connection_.stream != nullptr;
  if (!reused_) {
    io::Connected connected = co_await io::Connect(
        loop, endpoint_.address, std::min(terms_.end, Within(limits_.timeouts.connect_ms())));
    connection_.stream = std::move(connected.stream);
    if (!connection_.stream) co_return NotConnected(connected.error);
  }
  stream_ = connection_.stream.get();
  reader_.emplace(*stream_);
  co_return Done{};
}

// There are as many connections as may be: waits for one, or for the right to make one.
io::Task<Outcome<Done>> Attempt::AwaitTurn(io::Loop& loop, ConnectionPool& pool) {
  using Grant = ConnectionPermits::Grant;
  // As long as a connection may take: whoever waits longer has lost its caller, too.
  ConnectionPermits::Waiter waiter(*endpoint_.permits, loop, limits_.connections,
                                   std::min(terms_.end, Within(limits_.timeouts.connect_ms())));
  if (waiter.Begin() && waiter.first()) pool.AskFor(endpoint_);
  const Grant grant = co_await waiter;
  if (grant == Grant::kFull || grant == Grant::kTimeout) {
    ending_ = Ending::kNoRoom;
    co_return NoRoom(grant == Grant::kFull ? "pending-limit" : "connection-limit");
  }
  connection_ = std::move(waiter.connection);
  if (grant == Grant::kPermit) connection_.permit = Permit(endpoint_.permits);
  // Its peer may have closed it meanwhile: what is left is the right to make another one.
  if (connection_.stream && !connection_.stream->IsQuiet()) connection_.stream.reset();
  co_return Done{};
}

io::Task<void> Attempt::SendRequest(const Destination& destination) {
  const http::Framing& framing = x_.downstream.request_framing();
  std::string head;
  head.reserve(2048);
  WriteRequestHead(x_, destination, framing, head);
  stream_->SetWriteDeadline(Within(limits_.timeouts.idle_ms()));
  AwaitHead();
  io::Stream::WriteAwaiter write = stream_->Write(head);
  const io::IoResult written = co_await write;
  if (!written.ok()) {
    upload_.succeeded = false;
    co_return;
  }
  if (framing.has_body()) {
    upload_.started = true;
    stream_->SetReadDeadline(limits_.total);
    // 0 is no limit of the rule's: the caller's side keeps its own.
    const milliseconds idle(limits_.timeouts.idle_ms());
    if (idle.count() > 0) x_.downstream.SetBodyIdle(idle);
    io::Detach(SendBody());
  }
}

io::Task<void> Attempt::SendBody() {
  const bool chunked = x_.downstream.request_framing().kind == http::Framing::Kind::kChunked;
  upload_.succeeded = false;
  while (true) {
    const http::BodyPiece piece = co_await x_.downstream.ReadBody();
    if (piece.status == http::BodyPiece::Status::kEnd) {
      upload_.succeeded = true;
      if (chunked) {
        const std::string trailers = RequestTrailers();
        io::Stream::WriteAwaiter last =
            stream_->Write(trailers.empty() ? http::kLastChunk : std::string_view(trailers));
        upload_.succeeded = (co_await last).ok();
      }
      break;
    }
    // The caller gave up or broke the framing: the upstream must not take what it got for a whole request.
    if (piece.status != http::BodyPiece::Status::kData) {
      upload_.fault = BodyError(piece);
      stream_->Close();
      break;
    }
    stream_->SetWriteDeadline(Within(limits_.timeouts.idle_ms()));
    const http::ChunkHead chunk(chunked ? piece.data.size() : 0);
    io::Stream::WriteAwaiter write =
        chunked ? stream_->Write(chunk.text(), piece.data, http::kChunkEnd) : stream_->Write(piece.data);
    const io::IoResult written = co_await write;
    if (!written.ok()) break;
  }
  // From here on the upstream is the one that is waited for, unless it has answered already.
  if (!head_over_) AwaitHead();
  if (!head_over_ && upload_.succeeded) x_.downstream.Watch(this);
  upload_.done.Set();
}

// The body's end with its trailers, where the upstream has heard of them beforehand; empty: there are none.
std::string Attempt::RequestTrailers() const {
  const http::Trailers* const trailers = x_.downstream.request_trailers();
  const bool announced = x_.fields.Find(http::KnownHeader::kTrailer) != nullptr;
  return trailers != nullptr && announced ? http::LastChunkWith(*trailers) : std::string();
}

io::Task<void> Attempt::EndUpload() {
  // Ending the upload makes a fault of its own.
  callers_fault_ = upload_.fault;
  if (!upload_.done.is_set()) {
    // Nobody needs the rest of the body: end both sides of the upload and wait for it.
    stream_->Close();
    x_.downstream.SetBodyIdle(milliseconds(0));
  }
  co_await upload_.done;
}

// Everything has been sent: it is the upstream's turn.
void Attempt::AwaitHead() {
  head_deadline_ = std::min(terms_.end, Within(limits_.timeouts.first_byte_ms()));
  stream_->SetReadDeadline(head_deadline_);
}

void Attempt::OnCallerDone() {
  caller_done_ = true;
  stream_->SetReadDeadline(std::min(head_deadline_, SteadyNow() + limits_.done_caller));
}

io::Task<Outcome<Done>> Attempt::ReadHead() {
  while (true) {
    const http::HeadRead read = co_await reader_->ReadHead(false);
    if (read.status != http::HeadRead::Status::kDone) co_return NoHead(read);
    if (std::optional<Error> invalid = TakeHead(read.head)) {
      ending_ = Ending::kInvalid;
      co_return *invalid;
    }
    if (head_.status >= 200) {
      ending_ = Ending::kAnswered;
      co_return Done{};
    }
    reader_->FinishMessage();  // an interim answer; the final one follows
  }
}

Error Attempt::NoHead(const http::HeadRead& read) {
  using Status = http::HeadRead::Status;
  const bool late = read.status == Status::kTimeout;
  if (late && GaveUp()) x_.downstream.Abort();
  if (x_.downstream.caller() != exchange::Caller::kThere || upload_.fault) {
    ending_ = Ending::kAbandoned;
  } else if (late) {
    ending_ = Ending::kSilent;
  } else if (read.status == Status::kMalformed || read.status == Status::kTooLarge) {
    ending_ = Ending::kInvalid;
  } else {
    ending_ = reused_ && !reader_->message_begun() ? Ending::kStale : Ending::kReset;
  }
  if (late && SteadyNow() >= terms_.end) return TryIsOver();
  return HeadError(read);
}

std::optional<Error> Attempt::TakeHead(std::string_view text) {
  http::HeadResult parsed = http::ParseResponseHead(text, head_);
  if (head_.fields.size() > exchange::Answer::kMaxUpstreamFields) {
    parsed = {http::HeadStatus::kTooManyFields};
  }
  http::FramingResult framing{http::FramingStatus::kMalformed};
  if (parsed.status == http::HeadStatus::kDone) framing = http::ResponseFraming(head_, x_.head.method);
  if (framing.status != http::FramingStatus::kDone || head_.status == 101) {
    return HeadInvalid(parsed, framing);
  }
  framing_ = framing.framing;
  reader_->BeginBody(framing_);
  return std::nullopt;
}

io::Task<Outcome<Done>> Attempt::Relay(AnswerObserver& observer) {
  exchange::Answer answer;
  MakeAnswer(head_, framing_, x_.tells_limits(), answer);
  x_.source = exchange::Source::kUpstream;
  x_.status = answer.status;
  observer.OnHead(head_, framing_, answer);
  x_.answered = SteadyNow();
  bool head_sent = false;
  http::BodyPiece piece = reader_->TakeBufferedBody();
  while (true) {
    if (piece.status != http::BodyPiece::Status::kData && piece.status != http::BodyPiece::Status::kEnd) {
      EndCut(head_sent);
      if (!head_sent) co_return BodyInvalid();
      co_return Done{};
    }
    if (!piece.data.empty()) observer.OnBody(piece.data);
    complete_ = piece.status == http::BodyPiece::Status::kEnd || reader_->body_done();
    const http::Trailers* const trailers = complete_ ? reader_->trailers() : nullptr;
    if (complete_) observer.OnEnd(trailers != nullptr);
    if (trailers != nullptr) x_.downstream.SetTrailers(*trailers);
    // The head goes out at once even where no body has come yet: a stream's reader waits for it.
    bool delivered;
    if (!std::exchange(head_sent, true)) {
      delivered = co_await x_.downstream.SendHead(answer, piece.data, complete_);
    } else {
      delivered = co_await x_.downstream.SendBody(piece.data, complete_);
    }
    if (!delivered) x_.reason = ReasonOf(x_.downstream.caller());
    if (!delivered || complete_) co_return Done{};
    stream_->SetReadDeadline(Within(limits_.timeouts.idle_ms()));
    piece = co_await reader_->ReadBody();
  }
}

// The answer's body broke off, or is none.
void Attempt::EndCut(bool head_sent) {
  const exchange::Caller caller = x_.downstream.caller();
  ending_ = caller == exchange::Caller::kThere ? Ending::kInvalid : Ending::kAbandoned;
  if (!head_sent) return;
  x_.reason = caller == exchange::Caller::kThere ? "upstream-body-cut" : ReasonOf(caller);
  x_.downstream.Abort();
}

void Attempt::Discard() {
  while (!reader_->body_done()) {
    const http::BodyPiece piece = reader_->TakeBufferedBody();
    if (piece.status != http::BodyPiece::Status::kData || piece.data.empty()) break;
  }
  complete_ = reader_->body_done();
}

void Attempt::Release(ConnectionPool& pool) {
  if (!complete_ || !upload_.succeeded) return;
  const bool reusable = framing_.kind != http::Framing::Kind::kUntilClose &&
                        http::KeepsAlive(head_.minor_version, head_.fields) && !reader_->has_input();
  if (!reusable) return;
  reader_.reset();
  stream_->SetReadDeadline(SteadyTime::max());
  pool.Give(endpoint_, std::move(connection_), limits_.connections.connections);
}

}  // namespace tollgate::forward
