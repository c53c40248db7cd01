#include "proxy/forward/http2_connection.h"

#include <algorithm>
#include <utility>

#include "proxy/forward/http2_upstream.h"
#include "proxy/io/buffer_pool.h"

namespace tollgate::forward {

using std::chrono::seconds;

namespace {

// How long an endpoint may take to accept what is written. One that takes nothing for so long is gone.
constexpr seconds kWriteTimeout{60};
// The last frames of a connection that ends.
constexpr seconds kLastFramesTimeout{2};

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

Http2Connection::Http2Connection(io::Loop& loop, UpstreamConnection connection, Http2Owner& owner,
                                 std::string name)
    : loop_(loop),
      connection_(std::move(connection)),
      owner_(&owner),
      name_(std::move(name)),
      session_(*this) {}

Http2Connection::~Http2Connection() = default;

void Http2Connection::Start(SteadyTime greeted_by) {
  connection_.stream->SetReadDeadline(greeted_by);
  io::Detach(WriteFrames(shared_from_this()));
  io::Detach(ReadFrames(shared_from_this()));
}

io::Task<void> Http2Connection::ReadFrames([[maybe_unused]] std::shared_ptr<Http2Connection> self) {
  io::Stream& stream = *connection_.stream;
  const io::Block block = io::TakeBlock();
  bool sound = true;
  while (sound && !session_.finished()) {
    io::Stream::ReadAwaiter read = stream.Read({block.get(), io::kBlockBytes});
    const io::IoResult result = co_await read;
    if (!result.ok()) break;
    heard_at_ = SteadyNow();
    sound = session_.Receive({block.get(), result.bytes}, heard_at_);
    if (greeted_) stream.SetReadDeadline(SteadyTime::max());
    DispatchNoted();
    Kick();
  }
  Lose();
  // Why it ended may still be said.
  stream.SetWriteDeadline(SteadyNow() + kLastFramesTimeout);
  Kick();
  co_await writer_over_;
  stream.Close();
}

// All that was under way is over, and nobody sends anything more here.
void Http2Connection::Lose() {
  over_ = true;
  for (const auto& [id, exchange] : std::exchange(streams_, {})) {
    exchange->OnLost();
    Note(exchange);
  }
  connection_.permit = Permit();  // another connection may be made
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->OnOver(*this, ready_);
  DispatchNoted();
}

io::Task<void> Http2Connection::WriteFrames([[maybe_unused]] std::shared_ptr<Http2Connection> self) {
  io::Stream& stream = *connection_.stream;
  bool writable = true;
  while (writable) {
    DispatchNoted();
    const io::Block block = session_.wants_write() ? io::TakeBlock() : nullptr;
    const size_t size = block ? Fill({block.get(), io::kBlockBytes}) : 0;
    if (size == 0 && (over_ || session_.finished())) break;
    if (size == 0) {
      Kicked kicked(*this);
      co_await kicked;
      continue;
    }
    if (!over_) stream.SetWriteDeadline(SteadyNow() + kWriteTimeout);
    io::Stream::WriteAwaiter write = stream.Write({block.get(), size});
    writable = (co_await write).ok();
  }
  if (!over_) stream.Close();  // the reader ends, too
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

// The next turn of the loop, so that what several requests have to say goes out in one piece.
void Http2Connection::Kick() {
  if (std::exchange(turn_posted_, true)) return;
  loop_.Post([self = shared_from_this()] { self->TakeTurn(); });
}

void Http2Connection::TakeTurn() {
  turn_posted_ = false;
  DispatchNoted();
  if (idle_writer_) std::exchange(idle_writer_, nullptr).resume();
}

void Http2Connection::Note(std::shared_ptr<Http2Upstream> exchange) {
  if (std::exchange(exchange->noted, true)) return;
  noted_.push_back(std::move(exchange));
  Kick();
}

// Each may go on and end, or begin another request, while it is told.
void Http2Connection::DispatchNoted() {
  while (!noted_.empty()) {
    const std::vector<std::shared_ptr<Http2Upstream>> dispatched = std::exchange(noted_, {});
    for (const std::shared_ptr<Http2Upstream>& exchange : dispatched) {
      exchange->noted = false;
      exchange->Dispatch();
    }
  }
  TellOwner();
}

void Http2Connection::TellOwner() {
  if (owner_ == nullptr || over_) return;
  if (greeted_ && !std::exchange(ready_, true)) owner_->OnReady(*this);
  if (!std::exchange(room_changed_, false)) return;
  // It is somebody else's turn.
  if (wanted()) session_.End();
  if (owner_ != nullptr && ready_) owner_->OnRoom(*this);
}

bool Http2Connection::has_room() const {
  const size_t most = std::min<size_t>(kMostStreams, session_.most_streams());
  return !over_ && ready_ && streams_.size() + reserved_ < most && session_.accepts();
}

void Http2Connection::Unreserve() {
  --reserved_;
  room_changed_ = true;
  Kick();
}

http::StreamId Http2Connection::Begin(std::shared_ptr<Http2Upstream> exchange,
                                      const http::Http2RequestHead& head, bool has_body) {
  --reserved_;
  used_at_ = SteadyNow();
  if (over_ || !session_.accepts()) return 0;
  const http::StreamId stream = session_.Submit(head, has_body);
  if (stream != 0) streams_.emplace(stream, std::move(exchange));
  Kick();
  return stream;
}

void Http2Connection::Resume(http::StreamId stream) {
  session_.Resume(stream);
  Kick();
}

void Http2Connection::Consume(http::StreamId stream, size_t bytes) {
  session_.Consume(stream, bytes);
  Kick();
}

void Http2Connection::Reset(http::StreamId stream) {
  if (streams_.erase(stream) == 0) return;
  session_.Reset(stream, http::Http2Error::kCancel);
  used_at_ = SteadyNow();
  room_changed_ = true;
  Kick();
}

void Http2Connection::End() {
  session_.End();
  Kick();
}

Http2Upstream* Http2Connection::Find(http::StreamId stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Connection::OnSettings() { greeted_ = true; }

void Http2Connection::OnInterim(http::StreamId stream, std::unique_ptr<http::Http2Answer> answer) {
  Http2Upstream* const exchange = Find(stream);
  if (exchange != nullptr) exchange->OnInterim(std::move(answer));
}

void Http2Connection::OnAnswer(http::StreamId stream, std::unique_ptr<http::Http2Answer> answer) {
  Http2Upstream* const exchange = Find(stream);
  if (exchange != nullptr) exchange->OnAnswer(std::move(answer));
}

void Http2Connection::OnBody(http::StreamId stream, std::string_view data) {
  if (Http2Upstream* const exchange = Find(stream)) exchange->OnBody(data);
}

void Http2Connection::OnTrailers(http::StreamId stream, std::unique_ptr<http::Trailers> trailers) {
  if (Http2Upstream* const exchange = Find(stream)) exchange->OnTrailers(std::move(trailers));
}

void Http2Connection::OnBodyEnd(http::StreamId stream) {
  if (Http2Upstream* const exchange = Find(stream)) exchange->OnBodyEnd();
}

Http2Connection::Outgoing Http2Connection::Body(http::StreamId stream) {
  const Http2Upstream* const exchange = Find(stream);
  return exchange == nullptr ? Outgoing{{}, true} : exchange->Body();
}

void Http2Connection::OnTaken(http::StreamId stream, size_t bytes) {
  if (Http2Upstream* const exchange = Find(stream)) exchange->OnTaken(bytes);
}

void Http2Connection::OnClosed(http::StreamId stream, http::Http2StreamEnd end) {
  used_at_ = SteadyNow();
  room_changed_ = true;
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  const std::shared_ptr<Http2Upstream> exchange = std::move(found->second);
  streams_.erase(found);
  exchange->OnClosed(end);
}

}  // namespace tollgate::forward
