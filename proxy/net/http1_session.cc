#include "proxy/net/http1_session.h"

#include <algorithm>

#include "proxy/http/chunk_head.h"
#include "proxy/http/head_writer.h"
#include "proxy/http/http2_session.h"
#include "proxy/http/web_socket.h"

namespace tollgate::net {

using exchange::Error;
using exchange::Problem;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// How long a connection may be silent between requests: longer than the 60 s of common clients and balancers
// in front of us, so that they close first and no request meets a closing connection.
constexpr seconds kIdleTimeout{75};
// How long it keeps its memory meanwhile: clients at work come again sooner.
constexpr seconds kParkAfter{2};
// The same while the gateway ends, for those who have just come, or were promised that the connection would
// go on: their next request is on its way.
constexpr seconds kLastRequestTimeout{1};
// From a head's first byte to its last: generous for a mobile network, short for a slowloris.
constexpr seconds kHeadTimeout{15};
// How long the caller may take to accept a piece of an answer, or to send one of a body that nobody reads.
constexpr seconds kWriteTimeout{60};
// What a piece is at most: whoever takes it within the time is there and is given the same time again.
constexpr size_t kWritePiece = io::kBlockBytes;
// What is read and thrown away after an answer that came before the request's end, so that the answer is not
// lost to a reset (RFC 9112, section 9.6).
constexpr seconds kLingerTimeout{2};
constexpr size_t kLingerBytes = 256 * 1024;

Error HeadError(http::HeadStatus status, std::string_view reason) {
  switch (status) {
    case http::HeadStatus::kBadVersion:
      return {.problem = Problem::kVersionNotSupported,
              .detail = "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
    case http::HeadStatus::kTooManyFields:
      return {
          .problem = Problem::kHeadersTooLarge,
          .detail = "The request has more than " + std::to_string(http::Fields::kMax) + " header fields."};
    default:
      return {
          .problem = Problem::kBadRequest, .detail = "The request is no valid HTTP/1.1.", .reason = reason};
  }
}

Error ReadError(const http::HeadRead& read) {
  if (read.status == http::HeadRead::Status::kTooLarge) {
    return {.problem = Problem::kHeadersTooLarge,
            .detail = "The request head is larger than " + std::to_string(http::kMaxHeadBytes) + " bytes."};
  }
  return HeadError(http::HeadStatus::kMalformed, read.reason);
}

Error FramingError(const http::FramingResult& framing) {
  if (framing.status == http::FramingStatus::kUnknownCoding) {
    return {.problem = Problem::kNotImplemented,
            .detail = "The transfer coding is not supported; send the body chunked or with Content-Length.",
            .reason = framing.reason};
  }
  return HeadError(http::HeadStatus::kMalformed, framing.reason);
}

}  // namespace

Http1Session::Http1Session(std::unique_ptr<io::Stream> stream, pipeline::Pipeline& pipeline,
                           SessionList& sessions, exchange::Transport transport)
    : stream_(std::move(stream)),
      transport_(std::move(transport)),
      pipeline_(pipeline),
      sessions_(sessions),
      reader_(*stream_) {
  sessions_.Add(*this);
  pipeline_.metrics().ConnectionOpened();
}

Http1Session::~Http1Session() {
  pipeline_.metrics().ConnectionClosed();
  sessions_.Remove(*this);
}

void Http1Session::CloseIfIdle() {
  // By its deadline: a request that is here already is then served all the same.
  if (!idle_) return;
  idle_end_ = SteadyNow() + (served_ ? seconds(0) : kLastRequestTimeout);
  stream_->SetReadDeadline(idle_end_);
}

exchange::Caller Http1Session::caller() const {
  if (sessions_.phase() == DrainPhase::kCut) return exchange::Caller::kCut;
  return failed_ ? exchange::Caller::kGone : exchange::Caller::kThere;
}

void Http1Session::Watch(exchange::CallerWatcher* watcher) {
  watcher_ = watcher;
  looks_ = 0;
}

// At the second look: an upstream that answers within the second is not worth a system call more.
void Http1Session::CountIn(SessionTally& tally) const {
  ++(tunnel_ ? tally.tunnels : tally.http1);
  tally.secure += transport_.secure ? 1 : 0;
}

void Http1Session::LookAtCaller() {
  if (watcher_ == nullptr || ++looks_ != 2 || !reader_.body_done() || failed_) return;
  stream_->SetReadDeadline(SteadyTime::max());  // it is not the caller's turn
  reader_.ReadAhead(*this);
}

void Http1Session::OnAhead(const io::IoResult& result) {
  const bool done = result.status == io::IoStatus::kEof;
  failed_ = failed_ || (!result.ok() && !done);
  if (result.ok() || watcher_ == nullptr) return;
  done ? watcher_->OnCallerDone() : watcher_->OnCallerGone();
}

io::Task<bool> Http1Session::Run() {
  Next next = Next::kRequest;
  while (next == Next::kRequest) {
    // Waits outside of ServeOne, whose frame is large.
    const bool begun = co_await AwaitRequest();
    next = Next::kClose;
    if (begun) next = co_await ServeOne();
  }
  if (next == Next::kHttp2) co_return true;
  if (next == Next::kLingerAndClose) {
    co_await Linger();
  } else if (transport_.secure && !failed_) {
    stream_->ShutdownWrite();  // so that the caller does not take it for an attack
  }
  stream_->Close();
  if (reader_.reading_ahead()) (void)co_await reader_.Ahead();
  co_return false;
}

io::Task<bool> Http1Session::AwaitRequest() {
  idle_ = !reader_.message_begun();
  const bool last = sessions_.phase() >= DrainPhase::kFinishing;
  idle_end_ = SteadyNow() + (last ? kLastRequestTimeout : kIdleTimeout);
  stream_->SetReadDeadline(std::min(idle_end_, SteadyNow() + kParkAfter));
  io::IoResult first = co_await reader_.AwaitMessage();
  if (first.status == io::IoStatus::kTimeout && SteadyNow() < idle_end_ && stream_->IsQuiet()) {
    stream_->SetReadDeadline(idle_end_);
    first = co_await reader_.AwaitParked();
    if (first.ok()) first = co_await reader_.AwaitMessage();
  }
  if (first.status == io::IoStatus::kTimeout && !stream_->IsQuiet()) {  // it came with the deadline
    stream_->SetReadDeadline(SteadyNow() + kHeadTimeout);
    first = co_await reader_.AwaitMessage();
  }
  idle_ = false;
  co_return first.ok();
}

io::Task<Http1Session::Next> Http1Session::ServeOne() {
  stream_->SetReadDeadline(SteadyNow() + kHeadTimeout);
  const http::HeadRead read = co_await reader_.ReadHead(true);
  // The caller went away, or never finished the head: nobody is there to answer.
  const bool unanswerable = read.status != http::HeadRead::Status::kDone &&
                            read.status != http::HeadRead::Status::kMalformed &&
                            read.status != http::HeadRead::Status::kTooLarge;
  if (unanswerable) co_return Next::kClose;
  if (!served_ && read.head == http::kHttp2Greeting) co_return Next::kHttp2;
  BeginExchange();
  http::RequestHead head;
  const std::optional<Error> fault = ParseHead(read, head);
  if (fault) co_return co_await RefuseHead(head, *fault);
  co_return co_await ServeRequest(head);
}

std::optional<Error> Http1Session::ParseHead(const http::HeadRead& read, http::RequestHead& head) {
  if (read.status != http::HeadRead::Status::kDone) return ReadError(read);
  const http::HeadResult parsed = http::ParseRequestHead(read.head, head);
  if (parsed.status != http::HeadStatus::kDone) {
    head.fields.Clear();  // nothing of it can be relied on
    return HeadError(parsed.status, parsed.reason);
  }
  const http::FramingResult framing = http::RequestFraming(head);
  if (framing.status != http::FramingStatus::kDone) return FramingError(framing);
  framing_ = framing.framing;
  reader_.BeginBody(framing_);
  return std::nullopt;
}

void Http1Session::BeginExchange() {
  framing_ = {};
  body_idle_ = kWriteTimeout;
  keep_alive_ = expects_continue_ = body_read_ = head_sent_ = chunked_ = tunnel_ = failed_ = false;
  http_1_0_ = head_method_ = takes_trailers_ = announces_trailers_ = announced_ = false;
  trailers_ = nullptr;
  bytes_received_ = bytes_sent_ = sent_unasked_ = 0;
}

io::Task<Http1Session::Next> Http1Session::RefuseHead(const http::RequestHead& head, const Error& error) {
  exchange::Exchange x(head, *this, stream_->peer(), transport_);
  reader_.BeginBody({http::Framing::Kind::kUntilClose, 0});  // nothing behind it can be read as a request
  co_await pipeline_.Refuse(x, error);
  co_return Next::kLingerAndClose;
}

io::Task<Http1Session::Next> Http1Session::ServeRequest(const http::RequestHead& head) {
  http_1_0_ = head.minor_version == 0;
  head_method_ = head.method == "HEAD";
  keep_alive_ = http::KeepsAlive(head.minor_version, head.fields);
  expects_continue_ =
      !http_1_0_ && http::EqualsIgnoringCase(head.fields.Value(http::KnownHeader::kExpect), "100-continue");
  takes_trailers_ = http::TakesTrailers(head.fields);
  announces_trailers_ = head.fields.Find(http::KnownHeader::kTrailer) != nullptr;
  exchange::Exchange x(head, *this, stream_->peer(), transport_);
  co_await pipeline_.Serve(x);
  served_ = true;
  if (failed_) co_return Next::kClose;
  if (!reader_.body_done()) co_return Next::kLingerAndClose;
  if (!keep_alive_) co_return Next::kLingerAndClose;
  reader_.FinishMessage();
  co_return Next::kRequest;
}

io::Task<void> Http1Session::Linger() {
  stream_->ShutdownWrite();
  const io::Block sink = io::TakeBlock();
  const SteadyTime deadline = SteadyNow() + kLingerTimeout;
  for (size_t total = 0; total < kLingerBytes && SteadyNow() < deadline && !reader_.ended();) {
    stream_->SetReadDeadline(deadline);
    io::IoResult result;
    if (reader_.reading_ahead()) {
      result = co_await reader_.Ahead();
    } else {
      io::Stream::ReadAwaiter read = stream_->Read({sink.get(), io::kBlockBytes});
      result = co_await read;
    }
    if (!result.ok()) co_return;
    total += result.bytes;
  }
}

io::Task<http::BodyPiece> Http1Session::ReadBody() {
  body_read_ = true;
  if (expects_continue_) {
    static const http::Fields kNone;  // as a temporary it would stand in every read's frame
    co_await SendInterim(100, kNone);
    if (failed_) co_return http::BodyPiece{http::BodyPiece::Status::kFailed};
  }
  stream_->SetReadDeadline(SteadyNow() + body_idle_);
  const http::BodyPiece piece = co_await reader_.ReadBody();
  bytes_received_ += piece.data.size();
  co_return piece;
}

io::Task<void> Http1Session::SendInterim(int status, const http::Fields& fields) {
  // Whom 100 is sent to has asked for it, and is sent one.
  if (status == 100 && !std::exchange(expects_continue_, false)) co_return;
  if (http_1_0_ || head_sent_ || failed_ || std::exchange(interim_, true)) co_return;
  http::HeadWriter head(head_text_);
  head.StatusLine(status, http::ReasonPhrase(status));
  for (const http::Field& field : fields) head.Field(field.name, field.value);
  head.End();
  stream_->SetWriteDeadline(SteadyNow() + kWriteTimeout);
  io::Stream::WriteAwaiter write = stream_->Write(head_text_);
  failed_ = !(co_await write).ok();
  interim_ = false;
}

void Http1Session::SetBodyIdle(milliseconds idle) {
  body_idle_ = idle;
  stream_->SetReadDeadline(SteadyNow() + idle);
}

bool Http1Session::SkipBody() {
  if (reader_.body_done()) return true;
  // Somebody else is reading it, or the caller waits to be asked for it.
  if (body_read_ || expects_continue_) return false;
  while (true) {
    const http::BodyPiece piece = reader_.TakeBufferedBody();
    bytes_received_ += piece.data.size();
    if (piece.status != http::BodyPiece::Status::kData || piece.data.empty()) return reader_.body_done();
  }
}

void Http1Session::WriteHead(const exchange::Answer& answer) {
  chunked_ = answer.framing.kind == http::Framing::Kind::kChunked && !http_1_0_;
  const bool until_close = answer.framing.kind == http::Framing::Kind::kChunked && http_1_0_;
  tunnel_ = answer.status == 101;
  if (tunnel_) reader_.BeginBody({http::Framing::Kind::kUntilClose, 0});
  keep_alive_ =
      keep_alive_ && !tunnel_ && sessions_.phase() == DrainPhase::kServing && !until_close && SkipBody();
  http::HeadWriter head(head_text_);
  head.StatusLine(answer.status, http::ReasonPhrase(answer.status));
  for (const http::Field& field : answer.fields) {
    if (field.known == http::KnownHeader::kTrailer) {
      if (!chunked_ || !takes_trailers_) continue;
      announced_ = true;
    }
    head.Field(field.name, field.value);
  }
  if (chunked_) head.Field("Transfer-Encoding", "chunked");
  if (const auto length = answer.ContentLength(head_method_)) head.Field("Content-Length", *length);
  if (!keep_alive_) head.Field("Connection", tunnel_ ? "Upgrade" : "close");
  if (tunnel_) head.Field("Upgrade", http::kWebSocket);
  if (keep_alive_ && http_1_0_) head.Field("Connection", "keep-alive");
  head.End();
}

io::Task<bool> Http1Session::SendHead(const exchange::Answer& answer, std::string_view piece, bool last) {
  head_sent_ = true;
  WriteHead(answer);
  co_return co_await Write(head_text_, piece, last);
}

io::Task<bool> Http1Session::SendBody(std::string_view piece, bool last) {
  co_return co_await Write({}, piece, last);
}

// A small piece is not worth the question: it goes into what was room before.
bool Http1Session::HasRoom() {
  if (failed_ || sent_unasked_ < kWritePiece / 2) return true;
  const bool room = stream_->HasRoom();
  if (room) sent_unasked_ = 0;
  return room;
}

io::Task<bool> Http1Session::AwaitRoom() {
  stream_->SetWriteDeadline(SteadyNow() + kWriteTimeout);
  io::Stream::ReadyAwaiter room = stream_->AwaitRoom();
  failed_ = !(co_await room).ok() || failed_;
  sent_unasked_ = 0;
  co_return !failed_;
}

void Http1Session::SetTrailers(const http::Trailers& trailers) {
  if (!trailers.empty()) trailers_ = &trailers;
}

// What ends a chunked body, behind a chunk's data or not.
std::string_view Http1Session::LastTail(bool behind_data) {
  if (trailers_ == nullptr || !announced_) return behind_data ? http::kChunkEndAndLast : http::kLastChunk;
  last_chunk_ = std::string(behind_data ? http::kChunkEnd : "") + http::LastChunkWith(*trailers_);
  return last_chunk_;
}

io::Task<bool> Http1Session::Write(std::string_view head, std::string_view piece, bool last) {
  const bool has_chunk = chunked_ && !piece.empty();
  const http::ChunkHead chunk(has_chunk ? piece.size() : 0);
  std::string_view size = has_chunk ? chunk.text() : std::string_view();
  std::string_view tail = has_chunk ? http::kChunkEnd : std::string_view();
  if (chunked_ && last) tail = LastTail(has_chunk);
  while (!failed_) {
    const std::string_view part = piece.substr(0, kWritePiece);
    piece.remove_prefix(part.size());
    stream_->SetWriteDeadline(SteadyNow() + kWriteTimeout);
    io::Stream::WriteAwaiter write =
        stream_->Write(head, size, part, piece.empty() ? tail : std::string_view());
    failed_ = !(co_await write).ok();
    if (failed_) break;
    bytes_sent_ += part.size();
    sent_unasked_ += part.size();
    if (piece.empty() && tunnel_ && last) stream_->ShutdownWrite();
    if (piece.empty()) co_return true;
    head = size = {};
  }
  co_return false;
}

void Http1Session::Abort() {
  // A body that ends without its last chunk or byte is how HTTP/1 says so (RFC 9112, section 8).
  failed_ = true;
  stream_->Close();
}

}  // namespace tollgate::net
