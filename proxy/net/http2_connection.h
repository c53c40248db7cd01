// One HTTP/2 connection: frames are read and written here, and each request goes through the pipeline in a
// coroutine of its own. One thread: its loop's.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/http/http2_session.h"
#include "proxy/io/loop.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"
#include "proxy/net/http2_stream.h"
#include "proxy/net/session_list.h"
#include "proxy/pipeline/pipeline.h"

namespace tollgate::net {

class Http2Connection final : public Session, private http::Http2Observer, private Http2Carrier {
 public:
  Http2Connection(io::Loop& loop, std::unique_ptr<io::Stream> stream, pipeline::Pipeline& pipeline,
                  SessionList& sessions, exchange::Transport transport);
  ~Http2Connection() override;

  // Serves the connection to its end; `begun` is what has been read of it already.
  io::Task<void> Run(std::string_view begun);

  // Session.
  void CloseIfIdle() override;
  void CountIn(SessionTally& tally) const override;
  void LookAtCaller() override;

 private:
  class Kicked;
  class Emptied;

  io::Task<void> ReadFrames(std::string_view begun);
  io::Task<void> WriteFrames();
  void Begin(Http2Stream& stream);
  io::Task<void> Serve(Http2Stream& stream);
  io::Task<void> Leave();
  bool Receive(std::string_view bytes);
  size_t Fill(std::span<char> block);
  void DispatchNoted();
  void AwaitRequests();
  void TakeTurn();
  bool in_use() const { return turn_posted_ || !streams_.empty(); }
  Http2Stream* Find(http::StreamId stream) const;

  // Http2Observer.
  void OnRequest(http::StreamId stream, std::unique_ptr<http::Http2Request> request) override;
  void OnBody(http::StreamId stream, std::string_view data) override;
  void OnTrailers(http::StreamId stream, std::unique_ptr<http::Trailers> trailers) override;
  void OnBodyEnd(http::StreamId stream) override;
  Outgoing Body(http::StreamId stream) override;
  void OnTaken(http::StreamId stream, size_t bytes) override;
  void OnClosed(http::StreamId stream) override;

  // Http2Carrier.
  http::Http2Session& session() override { return session_; }
  void Kick() override;
  void Note(Http2Stream& stream) override;
  void OnAnswer() override;
  bool cutting() const override { return sessions_.phase() == DrainPhase::kCut; }
  bool writable() const override { return !writing_; }

  io::Loop& loop_;
  const std::unique_ptr<io::Stream> stream_;
  pipeline::Pipeline& pipeline_;
  SessionList& sessions_;
  const exchange::Transport transport_;
  http::Http2Session session_;
  std::unordered_map<http::StreamId, std::unique_ptr<Http2Stream>> streams_;
  std::vector<Http2Stream*> noted_;
  std::vector<Http2Stream*> dispatched_;  // those of noted_ that have their turn
  std::vector<http::StreamId> refused_;   // requests beyond those that are served at once
  size_t unread_ = 0;  // bytes of bodies that nobody reads any more; their room is to be given back
  bool announced_ = false;
  bool ended_ = false;    // nothing is read any more
  bool writing_ = false;  // a write waits for the caller
  bool turn_posted_ = false;
  std::coroutine_handle<> idle_writer_;
  io::Event writer_over_;
  std::coroutine_handle<> leaver_;  // waits until nothing uses this any more
};

}  // namespace tollgate::net
