#include "proxy/forward/http1_upstream.h"

#include <algorithm>
#include <string>

#include "proxy/forward/failures.h"
#include "proxy/forward/tunnel.h"
#include "proxy/http/chunk_head.h"
#include "proxy/io/tcp.h"

namespace tollgate::forward {

io::Task<std::optional<Failure>> Http1Upstream::Open() {
  const AttemptLimits& limits = try_.limits;
  if (!try_.terms.fresh) connection_ = pool_.Take(try_.endpoint, limits.tls.get());
  if (!connection_.stream) {
    if (try_.endpoint.permits->Take(limits.connections.connections)) {
      connection_.permit = Permit(try_.endpoint.permits);
    } else {
      std::optional<Failure> full = co_await AwaitTurn();
      if (full) co_return full;
    }
  }
  reused_ = connection_.stream != nullptr;
  if (!reused_) {
    std::optional<Failure> failure = co_await Connect();
    if (failure) co_return failure;
  }
  stream_ = connection_.stream.get();
  reader_.emplace(*stream_);
  co_return std::nullopt;
}

io::Task<std::optional<Failure>> Http1Upstream::Connect() {
  const AttemptLimits& limits = try_.limits;
  const SteadyTime deadline = std::min(try_.terms.end, limits.Within(limits.timeouts.connect_ms()));
  const io::Address& address = try_.endpoint.address;
  io::Task<io::Connected> connecting = try_.alternate == nullptr
                                           ? io::Connect(loop_, address, deadline)
                                           : io::ConnectEither(loop_, address, *try_.alternate, deadline);
  io::Connected connected = co_await connecting;
  if (!connected.stream) co_return Failure{Ending::kNotConnected, NotConnected(connected.error)};
  connection_.tls = limits.tls;
  if (limits.tls == nullptr) {
    connection_.stream = std::move(connected.stream);
    co_return std::nullopt;
  }
  io::Task<io::TlsConnected> handshake = io::StartTls(std::move(connected.stream), limits.tls, deadline);
  io::TlsConnected secured = co_await handshake;
  connection_.stream = std::move(secured.stream);
  if (!connection_.stream) co_return Failure{Ending::kNotConnected, NotSecured(secured.reason)};
  co_return std::nullopt;
}

// There are as many connections as may be: waits for one, or for the right to make one.
io::Task<std::optional<Failure>> Http1Upstream::AwaitTurn() {
  using Grant = ConnectionPermits::Grant;
  const AttemptLimits& limits = try_.limits;
  // As long as a connection may take: whoever waits longer has lost its caller, too.
  ConnectionPermits::Waiter waiter(*try_.endpoint.permits, loop_, limits.connections,
                                   std::min(try_.terms.end, limits.Within(limits.timeouts.connect_ms())),
                                   limits.tls.get());
  if (waiter.Begin() && waiter.first()) pool_.AskFor(try_.endpoint);
  turn_ = &waiter;
  const Grant grant = co_await waiter;
  turn_ = nullptr;
  if (grant == Grant::kFull || grant == Grant::kTimeout) {
    co_return Failure{Ending::kNoRoom, NoRoom(grant == Grant::kFull ? "pending-limit" : "connection-limit")};
  }
  connection_ = std::move(waiter.connection);
  if (grant == Grant::kPermit) connection_.permit = Permit(try_.endpoint.permits);
  // Its peer may have closed it meanwhile: what is left is the right to make another one.
  if (connection_.stream && !connection_.stream->IsQuiet()) connection_.stream.reset();
  co_return std::nullopt;
}

void Http1Upstream::Close() {
  if (turn_ != nullptr) turn_->GiveUp();
  if (stream_ != nullptr) stream_->Close();
}

io::Task<bool> Http1Upstream::SendHead(const Destination& destination) {
  std::string head;
  head.reserve(2048);
  WriteRequestHead(try_.x, destination, try_.x.downstream.request_framing(), head);
  io::Stream::WriteAwaiter write = stream_->Write(head);
  const io::IoResult written = co_await write;
  co_return written.ok();
}

io::Task<bool> Http1Upstream::SendBody(std::string_view piece) {
  const http::ChunkHead chunk(chunked() ? piece.size() : 0);
  io::Stream::WriteAwaiter write =
      chunked() ? stream_->Write(chunk.text(), piece, http::kChunkEnd) : stream_->Write(piece);
  const io::IoResult written = co_await write;
  co_return written.ok();
}

io::Task<bool> Http1Upstream::SendEnd() {
  if (tunnel_) stream_->ShutdownWrite();
  if (!chunked()) co_return true;
  const http::Trailers* const trailers = try_.x.downstream.request_trailers();
  // Where the upstream has heard of them beforehand.
  const bool announced = try_.x.fields.Find(http::KnownHeader::kTrailer) != nullptr;
  const std::string with = trailers != nullptr && announced ? http::LastChunkWith(*trailers) : "";
  io::Stream::WriteAwaiter last = stream_->Write(with.empty() ? http::kLastChunk : std::string_view(with));
  const io::IoResult written = co_await last;
  co_return written.ok();
}

io::Task<std::optional<Failure>> Http1Upstream::ReadHead() {
  while (true) {
    const http::HeadRead read = co_await reader_->ReadHead(false);
    if (read.status != http::HeadRead::Status::kDone) co_return NoHead(read);
    std::optional<Failure> invalid = TakeHead(read.head);
    if (invalid || head_.status >= 200 || head_.status == 101) co_return invalid;
    if (++interims_ > kMostInterims) co_return Failure{Ending::kInvalid, TooManyInterims()};
    co_await RelayInterim();
    reader_->FinishMessage();  // the final one follows
  }
}

io::Task<void> Http1Upstream::RelayInterim() {
  http::Fields fields;
  InterimFields(head_, fields);
  co_await try_.x.downstream.SendInterim(head_.status, fields);
}

Failure Http1Upstream::NoHead(const http::HeadRead& read) const {
  using Status = http::HeadRead::Status;
  Ending ending = reused_ && !reader_->message_begun() ? Ending::kStale : Ending::kReset;
  if (read.status == Status::kTimeout) ending = Ending::kSilent;
  if (read.status == Status::kMalformed || read.status == Status::kTooLarge) ending = Ending::kInvalid;
  return {ending, HeadError(read)};
}

std::optional<Failure> Http1Upstream::TakeHead(std::string_view text) {
  http::HeadResult parsed = http::ParseResponseHead(text, head_);
  if (head_.fields.size() > exchange::Answer::kMaxUpstreamFields) {
    parsed = {http::HeadStatus::kTooManyFields};
  }
  http::FramingResult framing{http::FramingStatus::kMalformed};
  if (parsed.status == http::HeadStatus::kDone) framing = http::ResponseFraming(head_, try_.x.head.method);
  if (framing.status != http::FramingStatus::kDone) {
    return Failure{Ending::kInvalid, HeadInvalid(parsed, framing)};
  }
  if (std::optional<exchange::Error> unfit = CheckOpening(try_.x, head_)) {
    return Failure{Ending::kInvalid, *unfit};
  }
  framing_ = framing.framing;
  reader_->BeginBody(framing_);
  return std::nullopt;
}

void Http1Upstream::BeginTunnel() {
  tunnel_ = true;
  framing_ = {http::Framing::Kind::kUntilClose};
  reader_->BeginBody(framing_);
}

void Http1Upstream::Release() {
  const bool reusable = framing_.kind != http::Framing::Kind::kUntilClose &&
                        http::KeepsAlive(head_.minor_version, head_.fields) && !reader_->has_input();
  if (!reusable) return;
  reader_.reset();
  stream_->SetReadDeadline(SteadyTime::max());
  pool_.Give(try_.endpoint, std::move(connection_), try_.limits.connections.connections);
}

}  // namespace tollgate::forward
