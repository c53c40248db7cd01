#include "proxy/net/http2_connection.h"

#include "proxy/io/buffer_pool.h"

namespace tollgate::net {

using exchange::Error;
using exchange::Problem;
using std::chrono::seconds;

namespace {

// As for HTTP/1: longer than common clients and balancers keep an idle connection.
constexpr seconds kIdleTimeout{75};
// Once the caller has been told that this connection ends: for a request that is on its way.
constexpr seconds kLastRequestTimeout{1};
// How long a peer may take to accept what is written.
constexpr seconds kWriteTimeout{60};
// The last frames of a connection that ends: so long they may take, and so long the peer's are read and
// thrown away, that ours are not lost to a reset.
constexpr seconds kLastFramesTimeout{2};
constexpr size_t kLastFramesBytes = 256 * 1024;

// Requests whose caller has cancelled them hold their place until their exchange has ended.
constexpr http::Http2Limits kLimits;
constexpr size_t kMostExchanges = 2 * kLimits.streams;

Error ToError(http::Http2Request::Fault fault) {
  if (fault == http::Http2Request::Fault::kTooLarge) {
    return {.problem = Problem::kHeadersTooLarge,
            .detail = "The request head is larger than " + std::to_string(http::kMaxHeadBytes) +
                      " bytes, or has more than " + std::to_string(http::Fields::kMax) + " fields."};
  }
  if (fault == http::Http2Request::Fault::kOtherProtocol) {
    return {.problem = Problem::kNotImplemented,
            .detail = "Of the protocols of an extended CONNECT, websocket alone is served here."};
  }
  const bool malformed = fault == http::Http2Request::Fault::kMalformed;
  return {.problem = Problem::kBadRequest,
          .detail = "The request is no valid HTTP/2.",
          .reason = malformed ? "malformed fields" : "Host and :authority differ"};
}

}  // namespace

// co_await Kicked(*this);  until there may be something to write.
class Http2Connection::Kicked {
 public:
  explicit Kicked(Http2Connection& connection) : connection_(connection) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> writer) noexcept { connection_.idle_writer_ = writer; }
  void await_resume() const noexcept {}

 private:
  Http2Connection& connection_;
};

// co_await Emptied(*this);  until nothing uses the connection any more.
class Http2Connection::Emptied {
 public:
  explicit Emptied(Http2Connection& connection) : connection_(connection) {}
  bool await_ready() const noexcept { return !connection_.in_use(); }
  void await_suspend(std::coroutine_handle<> leaver) noexcept { connection_.leaver_ = leaver; }
  void await_resume() const noexcept {}

 private:
  Http2Connection& connection_;
};

Http2Connection::Http2Connection(io::Loop& loop, std::unique_ptr<io::Stream> stream,
                                 pipeline::Pipeline& pipeline, SessionList& sessions,
                                 exchange::Transport transport)
    : loop_(loop),
      stream_(std::move(stream)),
      pipeline_(pipeline),
      sessions_(sessions),
      transport_(std::move(transport)),
      session_(*this, kLimits) {
  sessions_.Add(*this);
  pipeline_.metrics().ConnectionOpened();
}

Http2Connection::~Http2Connection() {
  pipeline_.metrics().ConnectionClosed();
  sessions_.Remove(*this);
}

io::Task<void> Http2Connection::Run(std::string_view begun) {
  io::Detach(WriteFrames());
  co_await ReadFrames(begun);
  co_await Leave();
}

io::Task<void> Http2Connection::ReadFrames(std::string_view begun) {
  bool sound = Receive(begun);
  const io::Block block = io::TakeBlock();
  while (sound && !session_.finished()) {
    AwaitRequests();
    io::Stream::ReadAwaiter read = stream_->Read({block.get(), io::kBlockBytes});
    const io::IoResult result = co_await read;
    if (result.status == io::IoStatus::kTimeout) {
      session_.End(http::Http2Error::kNone);
      co_return;
    }
    if (!result.ok()) co_return;
    sound = Receive({block.get(), result.bytes});
  }
}

bool Http2Connection::Receive(std::string_view bytes) {
  const bool sound = session_.Receive(bytes, SteadyNow());
  DispatchNoted();
  Kick();
  return sound;
}

// A connection without requests may wait for one so long; one with some waits for their end.
void Http2Connection::AwaitRequests() {
  const bool last = streams_.empty() && sessions_.phase() >= DrainPhase::kFinishing;
  if (last || session_.finished()) return stream_->SetReadDeadline(SteadyNow());
  const std::chrono::seconds idle = announced_ ? kLastRequestTimeout : kIdleTimeout;
  stream_->SetReadDeadline(streams_.empty() ? SteadyNow() + idle : SteadyTime::max());
}

// Ends the exchanges, lets the last frames go, and waits for all that uses this connection.
io::Task<void> Http2Connection::Leave() {
  ended_ = true;
  for (const auto& [id, stream] : streams_) stream->OnClosed();
  DispatchNoted();
  stream_->SetWriteDeadline(SteadyNow() + kLastFramesTimeout);
  Kick();
  co_await writer_over_;
  stream_->ShutdownWrite();
  const io::Block sink = io::TakeBlock();
  stream_->SetReadDeadline(SteadyNow() + kLastFramesTimeout);
  for (size_t total = 0; total < kLastFramesBytes;) {
    io::Stream::ReadAwaiter read = stream_->Read({sink.get(), io::kBlockBytes});
    const io::IoResult result = co_await read;
    if (!result.ok()) break;
    total += result.bytes;
  }
  stream_->Close();
  Emptied emptied(*this);
  co_await emptied;
}

io::Task<void> Http2Connection::WriteFrames() {
  bool writable = true;
  while (writable) {
    DispatchNoted();
    const io::Block block = session_.wants_write() ? io::TakeBlock() : nullptr;
    const size_t size = block ? Fill({block.get(), io::kBlockBytes}) : 0;
    if (size == 0 && ended_) break;
    if (size == 0) {
      Kicked kicked(*this);
      co_await kicked;
      continue;
    }
    if (!ended_) stream_->SetWriteDeadline(SteadyNow() + kWriteTimeout);
    io::Stream::WriteAwaiter write = stream_->Write({block.get(), size});
    writing_ = true;
    writable = (co_await write).ok();
    writing_ = false;
    if (session_.finished() && !ended_) AwaitRequests();  // what has gone out may have been the end
  }
  if (!writable) stream_->Close();
  writer_over_.Set();
}

// Who hears that its piece has been taken may have the next one ready.
size_t Http2Connection::Fill(std::span<char> block) {
  size_t filled = 0;
  while (filled < block.size()) {
    const size_t taken = session_.Take(block.subspan(filled));
    filled += taken;
    DispatchNoted();
    if (taken == 0) break;
  }
  return filled;
}

io::Task<void> Http2Connection::Serve(Http2Stream& stream) {
  {
    exchange::Exchange x(stream.request().head(), stream, stream_->peer(), transport_);
    const http::Http2Request::Fault fault = stream.request().fault();
    if (fault == http::Http2Request::Fault::kNone) {
      co_await pipeline_.Serve(x);
    } else {
      const Error error = ToError(fault);
      co_await pipeline_.Refuse(x, error);
    }
  }
  stream.EndExchange();
  Note(stream);
  Kick();
}

// A request that its caller has cancelled within the same read costs no more than that: its reset has been
// charged, and nothing goes upstream that would have to be taken back (CVE-2023-44487).
void Http2Connection::Begin(Http2Stream& stream) {
  // One that is malformed has been closed by the gateway, and is to be told of.
  const bool malformed = stream.request().fault() == http::Http2Request::Fault::kMalformed;
  if (stream.closed() && !malformed) return stream.EndExchange();
  io::Detach(Serve(stream));
}

void Http2Connection::DispatchNoted() {
  while (!noted_.empty()) {
    dispatched_.swap(noted_);
    for (Http2Stream* const stream : dispatched_) {
      stream->noted = false;
      if (!std::exchange(stream->exchange_begun, true)) {
        Begin(*stream);
      } else {
        stream->Dispatch();
      }
    }
    for (Http2Stream* const stream : dispatched_) {
      if (stream->over() && !stream->noted) streams_.erase(stream->id());
    }
    dispatched_.clear();
  }
  for (const http::StreamId id : refused_) session_.Reset(id, http::Http2Error::kRefusedStream);
  refused_.clear();
  if (unread_ > 0) session_.ConsumeUnread(std::exchange(unread_, 0));
  if (streams_.empty() && !ended_) AwaitRequests();
}

void Http2Connection::Note(Http2Stream& stream) {
  if (!std::exchange(stream.noted, true)) noted_.push_back(&stream);
}

// The next turn of the loop, so that what several streams have to say goes out in one piece. A writer at work
// looks for more by itself.
void Http2Connection::Kick() {
  const bool writing = !idle_writer_ && !writer_over_.is_set();
  if (writing || std::exchange(turn_posted_, true)) return;
  loop_.Post([this] { TakeTurn(); });
}

void Http2Connection::TakeTurn() {
  turn_posted_ = false;
  DispatchNoted();
  if (idle_writer_) std::exchange(idle_writer_, nullptr).resume();
  // The last that is done here: this connection may be gone after it.
  if (leaver_ && !in_use()) std::exchange(leaver_, nullptr).resume();
}

Http2Stream* Http2Connection::Find(http::StreamId stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Connection::OnRequest(http::StreamId id, std::unique_ptr<http::Http2Request> request) {
  if (streams_.size() >= kMostExchanges) return refused_.push_back(id);
  Http2Carrier& carrier = *this;
  auto& stream = streams_[id];
  stream = std::make_unique<Http2Stream>(loop_, id, std::move(request), carrier);
  Note(*stream);
}

void Http2Connection::OnBody(http::StreamId id, std::string_view data) {
  Http2Stream* const stream = Find(id);
  if (stream == nullptr || !stream->OnBody(data)) unread_ += data.size();
}

void Http2Connection::OnTrailers(http::StreamId id, std::unique_ptr<http::Trailers> trailers) {
  if (Http2Stream* const stream = Find(id)) stream->OnTrailers(std::move(trailers));
}

void Http2Connection::OnBodyEnd(http::StreamId id) {
  if (Http2Stream* const stream = Find(id)) stream->OnBodyEnd();
}

Http2Connection::Outgoing Http2Connection::Body(http::StreamId id) {
  Http2Stream* const stream = Find(id);
  return stream == nullptr ? Outgoing{{}, true} : stream->Body();
}

void Http2Connection::OnTaken(http::StreamId id, size_t bytes) {
  if (Http2Stream* const stream = Find(id)) stream->OnTaken(bytes);
}

void Http2Connection::OnClosed(http::StreamId id) {
  if (Http2Stream* const stream = Find(id)) stream->OnClosed();
}

void Http2Connection::OnAnswer() {
  if (sessions_.phase() < DrainPhase::kGrace || std::exchange(announced_, true)) return;
  session_.AnnounceEnd();
  if (!ended_) AwaitRequests();
}

void Http2Connection::CountIn(SessionTally& tally) const {
  ++tally.http2;
  tally.http2_requests += streams_.size();
  tally.secure += transport_.secure ? 1 : 0;
}

void Http2Connection::LookAtCaller() {
  session_.EndUnwanted([this](http::StreamId id) {
    const Http2Stream* const stream = Find(id);
    return stream != nullptr && !stream->exchange_over();
  });
  OnAnswer();
  Kick();
}

void Http2Connection::CloseIfIdle() {
  session_.End(http::Http2Error::kNone);
  if (streams_.empty()) AwaitRequests();
  Kick();
}

}  // namespace tollgate::net
