// An exchange over HTTP/2: a stream of a connection that it shares with others. The connection holds it, too,
// as long as its stream is open. One thread: the connection's.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "proxy/forward/http2_connection.h"
#include "proxy/forward/http2_pool.h"
#include "proxy/forward/try_terms.h"
#include "proxy/forward/upstream_exchange.h"
#include "proxy/io/timed_wait.h"

namespace tollgate::forward {

class Http2Upstream final : public UpstreamExchange, public std::enable_shared_from_this<Http2Upstream> {
 public:
  // Both outlive the try; the connection may keep this somewhat longer.
  Http2Upstream(io::Loop& loop, Http2Pool& pool, const Try& attempt)
      : pool_(pool), try_(attempt), writing_(loop), reading_(loop) {}

  io::Task<std::optional<Failure>> Open() override;
  io::Task<bool> SendHead(const Destination& destination) override;
  io::Task<bool> SendBody(std::string_view piece) override;
  io::Task<bool> SendEnd() override;
  void SetWriteDeadline(SteadyTime when) override { writing_.SetDeadline(when); }
  io::Task<std::optional<Failure>> ReadHead() override;
  const http::ResponseHead& head() const override;
  http::BodyPiece TakeBufferedBody() override;
  io::Task<http::BodyPiece> ReadBody() override;
  bool body_done() const override { return body_ended_ && inbox_.empty(); }
  const http::Trailers* trailers() const override { return trailers_.get(); }
  void SetReadDeadline(SteadyTime when) override { reading_.SetDeadline(when); }
  void Close() override;
  void Release() override {}
  // The try has ended: whatever of the stream is left is nobody's.
  void Leave();

  // What the connection tells of the stream.
  void OnInterim(std::unique_ptr<http::Http2Answer> answer);
  void OnAnswer(std::unique_ptr<http::Http2Answer> answer);
  void OnBody(std::string_view data);
  void OnTrailers(std::unique_ptr<http::Trailers> trailers) { trailers_ = std::move(trailers); }
  void OnBodyEnd();
  http::Http2ClientObserver::Outgoing Body() const;
  void OnTaken(size_t bytes);
  void OnClosed(http::Http2StreamEnd end);
  // The connection was lost.
  void OnLost();
  // Lets those who wait look at what has come.
  void Dispatch();
  bool noted = false;  // the connection's

 private:
  Failure NoHead() const;
  std::optional<Failure> TakeHead();
  io::Task<void> RelayInterims();
  bool HeadDue() const { return answer_ || ended() || SteadyNow() >= reading_.deadline(); }
  bool ended() const { return end_.has_value() || closed_; }
  void GiveBackPiece();
  void Note() { connection_->Note(shared_from_this()); }

  Http2Pool& pool_;
  const Try& try_;
  std::shared_ptr<Http2Connection> connection_;
  bool reserved_ = false;  // a place on it
  bool reused_ = false;    // others were served on it before
  http::StreamId id_ = 0;
  SteadyTime sent_at_;
  std::optional<http::Http2StreamEnd> end_;  // how the stream ended
  bool lost_ = false;                        // with its connection
  bool closed_ = false;                      // by us

  // The request's body.
  std::string_view outgoing_;  // the rest of the piece under way; the exchange's
  bool outgoing_last_ = false;
  std::optional<http::Trailers> request_trailers_;
  io::TimedWait writing_;

  // The answer.
  std::deque<std::unique_ptr<http::Http2Answer>> interims_;  // that have not been handed on
  int interims_came_ = 0;
  std::unique_ptr<http::Http2Answer> answer_;
  std::string inbox_;  // what has arrived of the body
  std::string piece_;  // what was handed on last
  bool body_ended_ = false;
  std::unique_ptr<http::Trailers> trailers_;
  io::TimedWait reading_;
};

}  // namespace tollgate::forward
