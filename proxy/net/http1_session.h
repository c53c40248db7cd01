// One HTTP/1 connection: reads requests one after the other, lets the pipeline answer each, and writes what
// it answers. Frees itself when the connection ends. One thread: its loop's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/exchange/downstream.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/stream.h"
#include "proxy/net/session_list.h"
#include "proxy/pipeline/pipeline.h"

namespace tollgate::net {

class Http1Session final : public exchange::Downstream, public Session, private http::AheadObserver {
 public:
  Http1Session(std::unique_ptr<io::Stream> stream, pipeline::Pipeline& pipeline, SessionList& sessions,
               exchange::Transport transport = {});
  ~Http1Session() override;

  // Serves the connection to its end; or until it turns out that the client speaks HTTP/2, without having
  // been asked for it (RFC 9113, section 3.3): true then, and both of the next must be called.
  io::Task<bool> Run();
  // What has been read of the connection behind the first line of the preface.
  std::string_view rest() const { return reader_.rest(); }
  std::unique_ptr<io::Stream> ReleaseStream() { return std::move(stream_); }

  // Session.
  void CloseIfIdle() override;
  void CountIn(SessionTally& tally) const override;
  void LookAtCaller() override;

  // Downstream.
  const http::Framing& request_framing() const override { return framing_; }
  io::Task<http::BodyPiece> ReadBody() override;
  const http::Trailers* request_trailers() const override {
    return announces_trailers_ ? reader_.trailers() : nullptr;
  }
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
  enum class Next { kRequest, kClose, kLingerAndClose, kHttp2 };

  // Until a request begins. False: none will come.
  io::Task<bool> AwaitRequest();
  io::Task<Next> ServeOne();
  // Reads a head into `head` and prepares for its body; or why it cannot be served.
  std::optional<exchange::Error> ParseHead(const http::HeadRead& read, http::RequestHead& head);
  io::Task<Next> ServeRequest(const http::RequestHead& head);
  io::Task<Next> RefuseHead(const http::RequestHead& head, const exchange::Error& error);
  io::Task<void> Linger();
  void OnAhead(const io::IoResult& result) override;
  // Whether the request's body is all here or behind us, so that the connection can go on after the answer.
  bool SkipBody();
  void BeginExchange();
  void WriteHead(const exchange::Answer& answer);
  std::string_view LastTail(bool behind_data);
  io::Task<bool> Write(std::string_view head, std::string_view piece, bool last);

  std::unique_ptr<io::Stream> stream_;
  const exchange::Transport transport_;
  pipeline::Pipeline& pipeline_;
  SessionList& sessions_;
  http::MessageReader reader_;
  bool idle_ = false;
  SteadyTime idle_end_;
  bool served_ = false;  // an answer has been given on this connection

  // Of the request under way.
  http::Framing framing_;
  std::chrono::milliseconds body_idle_{};
  bool http_1_0_ = false;
  bool head_method_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  bool interim_ = false;  // one is being written
  bool body_read_ = false;
  bool head_sent_ = false;
  bool chunked_ = false;
  bool announces_trailers_ = false;           // the request's head says that there will be some
  bool takes_trailers_ = false;               // the caller has said so
  bool announced_ = false;                    // the answer's head says that there will be trailers
  const http::Trailers* trailers_ = nullptr;  // of the answer; the exchange's
  bool tunnel_ = false;                       // answered with 101: bytes go through as they come
  bool failed_ = false;
  exchange::CallerWatcher* watcher_ = nullptr;
  int looks_ = 0;  // since it is watched
  uint64_t bytes_received_ = 0;
  uint64_t bytes_sent_ = 0;
  size_t sent_unasked_ = 0;  // since it was known that there is room
  std::string head_text_;    // kept for its capacity
  std::string last_chunk_;   // with trailers
};

}  // namespace tollgate::net
