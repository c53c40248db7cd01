#include "proxy/net/http1_session.h"

#include <array>
#include <charconv>
#include <cstring>

#include "proxy/http/head_writer.h"

namespace tollgate::net {

using exchange::Error;
using exchange::Problem;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// How long a connection may be silent between requests: longer than the 60 s of common clients and balancers
// in front of us, so that they close first and no request meets a closing connection.
constexpr seconds kIdleTimeout{75};
// From a head's first byte to its last: generous for a mobile network, short for a slowloris.
constexpr seconds kHeadTimeout{15};
// How long the caller may take to accept a piece of an answer, or to send one of a body that nobody reads.
constexpr seconds kWriteTimeout{60};
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
                           SessionList& sessions)
    : stream_(std::move(stream)), pipeline_(pipeline), sessions_(sessions), reader_(*stream_) {
  sessions_.Add(*this);
  pipeline_.metrics().ConnectionOpened();
}

Http1Session::~Http1Session() {
  pipeline_.metrics().ConnectionClosed();
  sessions_.Remove(*this);
}

void Http1Session::Drain() {
  draining_ = true;
  if (idle_) stream_->Close();
}

io::Task<void> Http1Session::Run() {
  Next next = Next::kRequest;
  while (next == Next::kRequest) next = co_await ServeOne();
  if (next == Next::kLingerAndClose) co_await Linger();
  stream_->Close();
}

io::Task<Http1Session::Next> Http1Session::ServeOne() {
  idle_ = !reader_.message_begun();
  if (draining_ && idle_) co_return Next::kClose;
  stream_->SetReadDeadline(SteadyNow() + kIdleTimeout);
  const io::IoResult first = co_await reader_.AwaitMessage();
  idle_ = false;
  if (!first.ok()) co_return Next::kClose;
  stream_->SetReadDeadline(SteadyNow() + kHeadTimeout);
  const http::HeadRead read = co_await reader_.ReadHead(true);
  // The caller went away, or never finished the head: nobody is there to answer.
  const bool unanswerable = read.status != http::HeadRead::Status::kDone &&
                            read.status != http::HeadRead::Status::kMalformed &&
                            read.status != http::HeadRead::Status::kTooLarge;
  if (unanswerable) co_return Next::kClose;
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
  keep_alive_ = expects_continue_ = body_read_ = head_sent_ = chunked_ = failed_ = false;
  http_1_0_ = head_method_ = false;
  bytes_received_ = bytes_sent_ = 0;
}

io::Task<Http1Session::Next> Http1Session::RefuseHead(const http::RequestHead& head, const Error& error) {
  exchange::Exchange x(head, *this, stream_->peer());
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
  exchange::Exchange x(head, *this, stream_->peer());
  co_await pipeline_.Serve(x);
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
  for (size_t total = 0; total < kLingerBytes && SteadyNow() < deadline;) {
    stream_->SetReadDeadline(deadline);
    io::Stream::ReadAwaiter read = stream_->Read({sink.get(), io::kBlockBytes});
    const io::IoResult result = co_await read;
    if (!result.ok()) co_return;
    total += result.bytes;
  }
}

io::Task<http::BodyPiece> Http1Session::ReadBody() {
  body_read_ = true;
  if (std::exchange(expects_continue_, false) && !head_sent_) {
    stream_->SetWriteDeadline(SteadyNow() + kWriteTimeout);
    io::Stream::WriteAwaiter go_on = stream_->Write("HTTP/1.1 100 Continue\r\n\r\n");
    const io::IoResult written = co_await go_on;
    if (!written.ok()) co_return http::BodyPiece{http::BodyPiece::Status::kFailed};
  }
  stream_->SetReadDeadline(SteadyNow() + body_idle_);
  const http::BodyPiece piece = co_await reader_.ReadBody();
  bytes_received_ += piece.data.size();
  co_return piece;
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
  keep_alive_ = keep_alive_ && !draining_ && !until_close && SkipBody();
  http::HeadWriter head(head_text_);
  head.StatusLine(answer.status, http::ReasonPhrase(answer.status));
  for (const http::Field& field : answer.fields) head.Field(field.name, field.value);
  if (chunked_) head.Field("Transfer-Encoding", "chunked");
  const bool bodiless = answer.status == 204 || answer.status == 304;
  if (answer.framing.kind == http::Framing::Kind::kLength) {
    head.Field("Content-Length", answer.framing.length);
  } else if (!answer.framing.has_body() && answer.has_declared_length && !bodiless) {
    head.Field("Content-Length", answer.declared_length);
  } else if (!answer.framing.has_body() && !head_method_ && !bodiless) {
    head.Field("Content-Length", uint64_t{0});
  }
  if (!keep_alive_) head.Field("Connection", "close");
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

io::Task<bool> Http1Session::Write(std::string_view head, std::string_view piece, bool last) {
  std::array<char, 20> size_line;
  std::string_view size;
  std::string_view tail;
  if (chunked_ && !piece.empty()) {
    const auto [end, error] = std::to_chars(size_line.data(), size_line.data() + 16, piece.size(), 16);
    std::memcpy(end, "\r\n", 2);
    size = {size_line.data(), static_cast<size_t>(end + 2 - size_line.data())};
    tail = "\r\n";
  }
  if (chunked_ && last) tail = piece.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
  stream_->SetWriteDeadline(SteadyNow() + kWriteTimeout);
  io::Stream::WriteAwaiter write = stream_->Write(head, size, piece, tail);
  const io::IoResult written = co_await write;
  if (written.ok()) bytes_sent_ += piece.size();
  failed_ = failed_ || !written.ok();
  co_return written.ok();
}

void Http1Session::Abort() {
  // A body that ends without its last chunk or byte is how HTTP/1 says so (RFC 9112, section 8).
  failed_ = true;
  stream_->Close();
}

}  // namespace tollgate::net
