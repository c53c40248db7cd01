// One request of an HTTP/2 connection, and the answer to it: the caller's side of an exchange. Lives until
// the exchange and the stream have both ended. One thread: the connection's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/exchange/downstream.h"
#include "proxy/http/http2_session.h"
#include "proxy/io/timed_wait.h"

namespace tollgate::net {

class Http2Stream;

// What a stream needs of its connection.
class Http2Carrier {
 public:
  virtual http::Http2Session& session() = 0;
  // There may be something to write.
  virtual void Kick() = 0;
  // Has Dispatch() called when nothing of the session is under way.
  virtual void Note(Http2Stream& stream) = 0;
  // A head is about to be sent.
  virtual void OnAnswer() = 0;
  virtual bool cutting() const = 0;
  // Whether the caller takes what is written to it just now.
  virtual bool writable() const = 0;

 protected:
  ~Http2Carrier() = default;
};

class Http2Stream final : public exchange::Downstream {
 public:
  Http2Stream(io::Loop& loop, http::StreamId id, std::unique_ptr<http::Http2Request> request,
              Http2Carrier& carrier);

  http::StreamId id() const { return id_; }
  const http::Http2Request& request() const { return *request_; }

  // What the session tells of it.
  // False: nobody reads it any more.
  bool OnBody(std::string_view data);
  void OnTrailers(std::unique_ptr<http::Trailers> trailers) { request_trailers_ = std::move(trailers); }
  void OnBodyEnd();
  void OnClosed();
  // Asked for when there is room for it.
  http::Http2Observer::Outgoing Body();
  void OnTaken(size_t bytes);
  // The connection has ended.
  void Fail();

  // Lets those who wait look at what has come.
  void Dispatch();
  // The exchange has ended. What of the request nobody has read is given back.
  void EndExchange();
  bool closed() const { return closed_; }
  bool exchange_over() const { return exchange_over_; }
  bool over() const { return closed_ && exchange_over_; }
  bool exchange_begun = false;
  bool noted = false;  // the connection's

  // Downstream.
  const http::Framing& request_framing() const override { return request_->framing(); }
  io::Task<http::BodyPiece> ReadBody() override;
  const http::Trailers* request_trailers() const override { return request_trailers_.get(); }
  void SetBodyIdle(std::chrono::milliseconds idle) override;
  io::Task<void> SendInterim(int status, const http::Fields& fields) override;
  io::Task<bool> SendHead(const exchange::Answer& answer, std::string_view piece, bool last) override;
  io::Task<bool> SendBody(std::string_view piece, bool last) override;
  bool HasRoom() override;
  io::Task<bool> AwaitRoom() override;
  void SetTrailers(const http::Trailers& trailers) override;
  void Abort() override;
  exchange::Caller caller() const override;
  void Watch(exchange::CallerWatcher* watcher) override;
  bool head_sent() const override { return head_sent_; }
  uint64_t bytes_received() const override { return bytes_received_; }
  uint64_t bytes_sent() const override { return bytes_sent_; }

 private:
  void SendContinue();
  void SubmitHead(const exchange::Answer& answer, bool has_body);
  void GiveBackPiece();
  io::Task<bool> AwaitTaken();
  // Whether the answer has been handed to the session whole.
  bool answered() const { return head_sent_ && outgoing_last_ && outgoing_.empty(); }

  const http::StreamId id_;
  const std::unique_ptr<http::Http2Request> request_;
  Http2Carrier& carrier_;

  // The request's body.
  std::string inbox_;  // what has arrived
  std::string piece_;  // what the exchange has been given last
  bool body_ended_ = false;
  std::unique_ptr<http::Trailers> request_trailers_;
  bool expects_continue_;
  std::chrono::milliseconds body_idle_;
  io::TimedWait reading_;

  // The answer's.
  std::string_view outgoing_;  // the rest of the piece under way; the exchange's
  bool outgoing_last_ = false;
  bool room_wanted_ = false;
  std::optional<http::Trailers> trailers_;  // behind the last piece; sent when the exchange may be over
  bool head_sent_ = false;
  io::TimedWait writing_;

  bool failed_ = false;  // nobody takes the answer any more
  bool closed_ = false;
  bool exchange_over_ = false;
  exchange::CallerWatcher* watcher_ = nullptr;
  uint64_t bytes_received_ = 0;
  uint64_t bytes_sent_ = 0;
};

}  // namespace tollgate::net
