#include "proxy/forward/http2_upstream.h"

#include <utility>

#include "proxy/forward/failures.h"

namespace tollgate::forward {

using http::BodyPiece;
using http::Http2StreamEnd;

namespace {

// A connection that is heard of within such a time may live.
constexpr std::chrono::seconds kWorthWaiting{1};

}  // namespace

io::Task<std::optional<Failure>> Http2Upstream::Open() {
  Http2Pool::Lease lease = co_await pool_.Take(try_);
  if (lease.failure) co_return std::move(lease.failure);
  connection_ = std::move(lease.connection);
  reused_ = lease.reused;
  reserved_ = true;
  co_return std::nullopt;
}

io::Task<bool> Http2Upstream::SendHead(const Destination& destination) {
  if (closed_) co_return false;  // the caller has left while there was no room yet
  const http::Framing& framing = try_.x.downstream.request_framing();
  http::Http2RequestHead head;
  WriteRequestHead(try_.x, destination, framing, head);
  sent_at_ = SteadyNow();
  reserved_ = false;
  id_ = connection_->Begin(shared_from_this(), head, framing.has_body());
  if (id_ == 0) end_ = Http2StreamEnd::kRefused;
  co_return id_ != 0;
}

// Waits until there was room for it: a slow upstream stops the caller.
io::Task<bool> Http2Upstream::SendBody(std::string_view piece) {
  if (ended()) co_return false;
  outgoing_ = piece;
  connection_->Resume(id_);
  while (!outgoing_.empty() && !ended()) {
    if (SteadyNow() >= writing_.deadline()) break;
    co_await writing_;
  }
  co_return std::exchange(outgoing_, {}).empty() && !ended();
}

io::Task<bool> Http2Upstream::SendEnd() {
  if (ended()) co_return false;
  const http::Trailers* const trailers = try_.x.downstream.request_trailers();
  if (trailers != nullptr && !trailers->empty())
    request_trailers_ = *trailers;  // the caller may have gone by then
  outgoing_last_ = true;
  connection_->Resume(id_);
  co_return true;
}

io::Task<std::optional<Failure>> Http2Upstream::ReadHead() {
  while (true) {
    co_await RelayInterims();
    if (interims_came_ > kMostInterims) co_return Failure{Ending::kInvalid, TooManyInterims()};
    if (HeadDue()) break;
    co_await reading_;
  }
  if (!answer_) co_return NoHead();
  co_return TakeHead();
}

Failure Http2Upstream::NoHead() const {
  using Status = http::HeadRead::Status;
  if (!ended()) {
    // Where nothing at all was heard meanwhile, the connection is not worth another request; unless that was
    // only as long as a caller in a hurry waits.
    const bool hurried = try_.x.grpc.past_deadline() && SteadyNow() - sent_at_ < kWorthWaiting;
    if (connection_->heard_at() < sent_at_ && !hurried) connection_->End();
    return {Ending::kSilent, HeadError({Status::kTimeout})};
  }
  if (closed_) return {Ending::kReset, HeadError({Status::kCancelled})};
  if (end_ == Http2StreamEnd::kRefused) return {Ending::kRefused, Refused()};
  if (end_ == Http2StreamEnd::kMalformed) {
    return {Ending::kInvalid, HeadError({Status::kMalformed, {}, "answer-malformed"})};
  }
  const bool stale = lost_ && reused_ && connection_->heard_at() < sent_at_;
  return {stale ? Ending::kStale : Ending::kReset, HeadError({Status::kTruncated})};
}

std::optional<Failure> Http2Upstream::TakeHead() {
  if (answer_->too_large()) return Failure{Ending::kInvalid, HeadError({http::HeadRead::Status::kTooLarge})};
  if (answer_->head().fields.size() > exchange::Answer::kMaxUpstreamFields) {
    return Failure{Ending::kInvalid, HeadInvalid({http::HeadStatus::kTooManyFields}, {})};
  }
  framing_ = answer_->framing();
  const int status = answer_->head().status;
  if (try_.x.head.method == "HEAD" || status == 204 || status == 304) framing_ = {};
  return std::nullopt;
}

const http::ResponseHead& Http2Upstream::head() const {
  static const http::ResponseHead none;
  return answer_ ? answer_->head() : none;
}

BodyPiece Http2Upstream::TakeBufferedBody() {
  GiveBackPiece();
  piece_.swap(inbox_);
  if (!piece_.empty()) return {BodyPiece::Status::kData, piece_};
  if (body_ended_) return {BodyPiece::Status::kEnd};
  return {ended() ? BodyPiece::Status::kTruncated : BodyPiece::Status::kData};
}

io::Task<BodyPiece> Http2Upstream::ReadBody() {
  while (true) {
    const BodyPiece piece = TakeBufferedBody();
    if (piece.status != BodyPiece::Status::kData || !piece.data.empty()) co_return piece;
    if (SteadyNow() >= reading_.deadline()) co_return BodyPiece{BodyPiece::Status::kTimeout};
    co_await reading_;
  }
}

// Only what a caller has taken makes room for more: a slow one stops this stream, and nothing else.
void Http2Upstream::GiveBackPiece() {
  if (piece_.empty()) return;
  if (!ended()) connection_->Consume(id_, piece_.size());
  piece_.clear();
}

void Http2Upstream::Close() {
  if (std::exchange(closed_, true) || connection_ == nullptr) return;
  if (!end_) connection_->Reset(id_);
  Note();
}

void Http2Upstream::Leave() {
  if (std::exchange(reserved_, false)) connection_->Unreserve();
  if (connection_ != nullptr && id_ != 0 && !ended()) connection_->Reset(id_);
  closed_ = true;
}

// Others may come while one is on its way.
io::Task<void> Http2Upstream::RelayInterims() {
  while (!interims_.empty()) {
    const std::unique_ptr<http::Http2Answer> interim = std::move(interims_.front());
    interims_.pop_front();
    http::Fields fields;
    InterimFields(interim->head(), fields);
    co_await try_.x.downstream.SendInterim(interim->head().status, fields);
  }
}

// As many as are handed on are kept.
void Http2Upstream::OnInterim(std::unique_ptr<http::Http2Answer> answer) {
  if (++interims_came_ <= kMostInterims) interims_.push_back(std::move(answer));
  Note();
}

void Http2Upstream::OnAnswer(std::unique_ptr<http::Http2Answer> answer) {
  answer_ = std::move(answer);
  Note();
}

void Http2Upstream::OnBody(std::string_view data) {
  inbox_ += data;
  Note();
}

void Http2Upstream::OnBodyEnd() {
  body_ended_ = true;
  Note();
}

http::Http2ClientObserver::Outgoing Http2Upstream::Body() const {
  return {outgoing_, outgoing_last_, request_trailers_ ? &*request_trailers_ : nullptr};
}

void Http2Upstream::OnTaken(size_t bytes) {
  outgoing_.remove_prefix(bytes);
  if (outgoing_.empty()) Note();
}

void Http2Upstream::OnClosed(Http2StreamEnd end) {
  end_ = end;
  Note();
}

void Http2Upstream::OnLost() {
  lost_ = true;
  if (!end_) end_ = Http2StreamEnd::kReset;
}

void Http2Upstream::Dispatch() {
  const bool interim = !interims_.empty() || interims_came_ > kMostInterims;
  if (interim || answer_ || body_ended_ || !inbox_.empty() || ended()) reading_.Wake();
  if (outgoing_.empty() || ended()) writing_.Wake();
}

}  // namespace tollgate::forward
