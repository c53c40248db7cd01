// One HTTP/2 connection to an endpoint, on which many requests go at once: frames are read and written here.
// Lives as long as anybody uses it. One thread: its loop's.
#pragma once

#include <coroutine>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/forward/connection_permits.h"
#include "proxy/http/http2_client_session.h"
#include "proxy/io/loop.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

class Http2Connection;
class Http2Upstream;

// Who has made a connection, and hears of it. None of these is called while a session is at work.
class Http2Owner {
 public:
  // The endpoint has greeted as one that speaks HTTP/2: requests may be sent.
  virtual void OnReady(Http2Connection& connection) = 0;
  // There may be room for another request.
  virtual void OnRoom(Http2Connection& connection) = 0;
  // Nothing can be sent on it any more; `greeted`: OnReady was called before.
  virtual void OnOver(Http2Connection& connection, bool greeted) = 0;

 protected:
  ~Http2Owner() = default;
};

class Http2Connection final : public std::enable_shared_from_this<Http2Connection>,
                              private http::Http2ClientObserver {
 public:
  // Requests at once, also where the endpoint takes more: as many as servers usually take; a packet that is
  // lost holds up no more than that.
  static constexpr size_t kMostStreams = 100;

  // `owner` outlives it, or says goodbye. `name` is the endpoint's.
  Http2Connection(io::Loop& loop, UpstreamConnection connection, Http2Owner& owner, std::string name);
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;
  ~Http2Connection();

  // Serves it to its end; the endpoint has to greet by then.
  void Start(SteadyTime greeted_by);
  void Goodbye() { owner_ = nullptr; }
  const std::string& name() const { return name_; }
  // Under which it was made; nullptr: in the clear.
  const std::shared_ptr<io::TlsClientTerms>& tls() const { return connection_.tls; }

  // Whether another request can be sent now. Reserve() keeps the place until Begin() or Unreserve().
  bool has_room() const;
  void Reserve() { ++reserved_; }
  void Unreserve();

  // Sends a request's head in a place that was reserved; 0: it was refused without having been sent.
  http::StreamId Begin(std::shared_ptr<Http2Upstream> exchange, const http::Http2RequestHead& head,
                       bool has_body);
  void Resume(http::StreamId stream);
  void Consume(http::StreamId stream, size_t bytes);
  // Nobody wants the rest of it.
  void Reset(http::StreamId stream);
  // Has Dispatch() called in the next turn of the loop.
  void Note(std::shared_ptr<Http2Upstream> exchange);

  // Begins nothing any more, and ends when what is under way has ended.
  void End();
  // When the peer was heard of last.
  SteadyTime heard_at() const { return heard_at_; }
  SteadyTime begun_at() const { return begun_at_; }
  bool idle_since(SteadyTime when) const { return streams_.empty() && reserved_ == 0 && used_at_ < when; }
  size_t requests() const { return streams_.size(); }
  // Whether another core's request waits for the right to a connection.
  bool wanted() const { return connection_.permit.wanted(); }

 private:
  class Kicked;

  io::Task<void> ReadFrames(std::shared_ptr<Http2Connection> self);
  io::Task<void> WriteFrames(std::shared_ptr<Http2Connection> self);
  size_t Fill(std::span<char> block);
  void Kick();
  void TakeTurn();
  void DispatchNoted();
  void TellOwner();
  void Lose();
  Http2Upstream* Find(http::StreamId stream) const;

  // Http2ClientObserver.
  void OnSettings() override;
  void OnInterim(http::StreamId stream, std::unique_ptr<http::Http2Answer> answer) override;
  void OnAnswer(http::StreamId stream, std::unique_ptr<http::Http2Answer> answer) override;
  void OnBody(http::StreamId stream, std::string_view data) override;
  void OnTrailers(http::StreamId stream, std::unique_ptr<http::Trailers> trailers) override;
  void OnBodyEnd(http::StreamId stream) override;
  Outgoing Body(http::StreamId stream) override;
  void OnTaken(http::StreamId stream, size_t bytes) override;
  void OnClosed(http::StreamId stream, http::Http2StreamEnd end) override;

  io::Loop& loop_;
  UpstreamConnection connection_;
  Http2Owner* owner_;
  const std::string name_;
  http::Http2ClientSession session_;
  std::unordered_map<http::StreamId, std::shared_ptr<Http2Upstream>> streams_;
  std::vector<std::shared_ptr<Http2Upstream>> noted_;
  size_t reserved_ = 0;
  const SteadyTime begun_at_ = SteadyNow();
  SteadyTime heard_at_ = begun_at_;
  SteadyTime used_at_ = begun_at_;  // when a request was begun or ended last
  bool greeted_ = false;            // the settings have come
  bool ready_ = false;              // and the owner knows
  bool room_changed_ = false;
  bool over_ = false;  // nothing is read any more
  bool turn_posted_ = false;
  std::coroutine_handle<> idle_writer_;
  io::Event writer_over_;
};

}  // namespace tollgate::forward
