#include "proxy/net/http2_stream.h"

#include <charconv>

namespace tollgate::net {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// How long the caller may take to give room for a piece of an answer, or to send one of a body.
constexpr seconds kIdle{60};

class LengthText {
 public:
  explicit LengthText(const std::optional<uint64_t>& length) {
    if (length)
      size_ = static_cast<size_t>(std::to_chars(digits_, digits_ + sizeof digits_, *length).ptr - digits_);
  }
  std::string_view text() const { return {digits_, size_}; }

 private:
  char digits_[20];
  size_t size_ = 0;
};

}  // namespace

Http2Stream::Http2Stream(io::Loop& loop, http::StreamId id, std::unique_ptr<http::Http2Request> request,
                         Http2Carrier& carrier)
    : id_(id),
      request_(std::move(request)),
      carrier_(carrier),
      expects_continue_(http::EqualsIgnoringCase(request_->head().fields.Value(http::KnownHeader::kExpect),
                                                 "100-continue")),
      body_idle_(kIdle),
      reading_(loop),
      writing_(loop) {
  body_ended_ = request_->ended();
}

bool Http2Stream::OnBody(std::string_view data) {
  if (exchange_over_) return false;
  inbox_ += data;
  carrier_.Note(*this);
  return true;
}

void Http2Stream::OnBodyEnd() {
  body_ended_ = true;
  carrier_.Note(*this);
}

void Http2Stream::OnClosed() {
  closed_ = true;
  if (!answered()) failed_ = true;
  carrier_.Note(*this);
}

void Http2Stream::Fail() {
  failed_ = true;
  carrier_.Note(*this);
}

http::Http2Observer::Outgoing Http2Stream::Body() {
  if (std::exchange(room_wanted_, false)) carrier_.Note(*this);
  return {outgoing_, outgoing_last_, trailers_ ? &*trailers_ : nullptr};
}

void Http2Stream::OnTaken(size_t bytes) {
  outgoing_.remove_prefix(bytes);
  bytes_sent_ += bytes;
  if (outgoing_.empty()) carrier_.Note(*this);
}

void Http2Stream::Dispatch() {
  if (failed_ && watcher_ != nullptr) std::exchange(watcher_, nullptr)->OnCallerGone();
  if (!inbox_.empty() || body_ended_ || failed_ || closed_) reading_.Wake();
  if ((outgoing_.empty() && !room_wanted_) || failed_) writing_.Wake();
}

void Http2Stream::EndExchange() {
  exchange_over_ = true;
  outgoing_ = {};
  GiveBackPiece();
  if (!inbox_.empty()) carrier_.session().Consume(id_, inbox_.size());
  inbox_.clear();
  // An exchange that ends without an answer has been given up.
  if (!closed_ && !failed_ && !answered()) carrier_.session().Reset(id_, http::Http2Error::kInternal);
  carrier_.Kick();
}

void Http2Stream::GiveBackPiece() {
  if (piece_.empty()) return;
  carrier_.session().Consume(id_, piece_.size());
  piece_.clear();
  carrier_.Kick();
}

void Http2Stream::SendContinue() {
  if (!std::exchange(expects_continue_, false) || head_sent_ || failed_ || !inbox_.empty()) return;
  carrier_.session().SendInterim(id_, 100, {});
  carrier_.Kick();
}

io::Task<http::BodyPiece> Http2Stream::ReadBody() {
  SendContinue();
  GiveBackPiece();
  reading_.SetDeadline(SteadyNow() + body_idle_);
  while (inbox_.empty()) {
    if (body_ended_) co_return http::BodyPiece{http::BodyPiece::Status::kEnd};
    if (failed_ || closed_) co_return http::BodyPiece{http::BodyPiece::Status::kFailed};
    if (SteadyNow() >= reading_.deadline()) co_return http::BodyPiece{http::BodyPiece::Status::kTimeout};
    co_await reading_;
  }
  piece_.swap(inbox_);
  bytes_received_ += piece_.size();
  co_return http::BodyPiece{http::BodyPiece::Status::kData, piece_};
}

void Http2Stream::SetBodyIdle(milliseconds idle) {
  body_idle_ = idle;
  reading_.SetDeadline(SteadyNow() + idle);
}

io::Task<bool> Http2Stream::SendHead(const exchange::Answer& answer, std::string_view piece, bool last) {
  head_sent_ = true;
  carrier_.OnAnswer();
  if (failed_) co_return false;
  outgoing_ = piece;
  outgoing_last_ = last;
  SubmitHead(answer, !last || !piece.empty() || trailers_);
  co_return co_await AwaitTaken();
}

io::Task<void> Http2Stream::SendInterim(int status, const http::Fields& fields) {
  if (status == 100) {
    SendContinue();
  } else if (!head_sent_ && !failed_) {
    carrier_.session().SendInterim(id_, status, fields);
    carrier_.Kick();
  }
  co_return;
}

void Http2Stream::SubmitHead(const exchange::Answer& answer, bool has_body) {
  const bool is_head = request_->head().method == "HEAD";
  const LengthText length(answer.trailers_only ? std::nullopt : answer.ContentLength(is_head));
  if (answer.status != 101) {
    return carrier_.session().SendHead(id_, {answer.status, answer.fields, length.text()}, has_body);
  }
  // RFC 8441, section 5: nothing is switched here, and nothing has to be proved.
  http::Fields fields;
  for (const http::Field& field : answer.fields) {
    if (!http::EqualsIgnoringCase(field.name, "Sec-WebSocket-Accept")) (void)fields.Add(field);
  }
  carrier_.session().SendHead(id_, {200, fields, {}}, has_body);
}

io::Task<bool> Http2Stream::SendBody(std::string_view piece, bool last) {
  if (failed_) co_return false;
  outgoing_ = piece;
  outgoing_last_ = last;
  carrier_.session().Resume(id_);
  co_return co_await AwaitTaken();
}

bool Http2Stream::HasRoom() { return failed_ || (carrier_.writable() && carrier_.session().HasRoom(id_)); }

io::Task<bool> Http2Stream::AwaitRoom() {
  room_wanted_ = true;
  carrier_.session().Resume(id_);
  carrier_.Kick();
  writing_.SetDeadline(SteadyNow() + kIdle);
  while (room_wanted_ && !failed_ && SteadyNow() < writing_.deadline()) co_await writing_;
  if (room_wanted_ && !failed_) Abort();
  room_wanted_ = false;
  co_return !failed_;
}

void Http2Stream::SetTrailers(const http::Trailers& trailers) {
  if (!trailers.empty()) trailers_ = trailers;
}

io::Task<bool> Http2Stream::AwaitTaken() {
  carrier_.Kick();
  size_t left = outgoing_.size();
  writing_.SetDeadline(SteadyNow() + kIdle);
  while (!outgoing_.empty() && !failed_) {
    // Whoever takes some of it within the time is there and is given the same time again.
    if (SteadyNow() >= writing_.deadline()) {
      if (left == outgoing_.size()) {
        Abort();
        break;
      }
      left = outgoing_.size();
      writing_.SetDeadline(SteadyNow() + kIdle);
    }
    co_await writing_;
  }
  outgoing_ = {};                               // it is the exchange's again
  outgoing_last_ = outgoing_last_ && !failed_;  // what was cut off has no end
  co_return !failed_;
}

void Http2Stream::Abort() {
  outgoing_ = {};
  outgoing_last_ = false;
  if (!closed_) carrier_.session().Reset(id_, http::Http2Error::kInternal);
  Fail();
  carrier_.Kick();
}

exchange::Caller Http2Stream::caller() const {
  if (carrier_.cutting()) return exchange::Caller::kCut;
  return failed_ ? exchange::Caller::kGone : exchange::Caller::kThere;
}

void Http2Stream::Watch(exchange::CallerWatcher* watcher) {
  watcher_ = watcher;
  if (watcher_ != nullptr && failed_) carrier_.Note(*this);
}

}  // namespace tollgate::net
