// An exchange over HTTP/1.1: a connection of its own as long as it lasts, out of the pool or a new one. One
// thread.
#pragma once

#include <optional>

#include "proxy/forward/connection_pool.h"
#include "proxy/forward/try_terms.h"
#include "proxy/forward/upstream_exchange.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/loop.h"

namespace tollgate::forward {

class Http1Upstream final : public UpstreamExchange {
 public:
  // All of them outlive it.
  Http1Upstream(io::Loop& loop, ConnectionPool& pool, const Try& attempt)
      : loop_(loop), pool_(pool), try_(attempt) {}

  io::Task<std::optional<Failure>> Open() override;
  io::Task<bool> SendHead(const Destination& destination) override;
  io::Task<bool> SendBody(std::string_view piece) override;
  io::Task<bool> SendEnd() override;
  void SetWriteDeadline(SteadyTime when) override { stream_->SetWriteDeadline(when); }
  io::Task<std::optional<Failure>> ReadHead() override;
  const http::ResponseHead& head() const override { return head_; }
  http::BodyPiece TakeBufferedBody() override { return reader_->TakeBufferedBody(); }
  io::Task<http::BodyPiece> ReadBody() override { return reader_->ReadBody(); }
  bool body_done() const override { return reader_->body_done(); }
  const http::Trailers* trailers() const override { return reader_->trailers(); }
  void SetReadDeadline(SteadyTime when) override { stream_->SetReadDeadline(when); }
  void ReleaseSpace() override { reader_->ReleaseSpace(); }
  void BeginTunnel() override;
  void Close() override;
  void Release() override;

 private:
  io::Task<std::optional<Failure>> Connect();
  io::Task<std::optional<Failure>> AwaitTurn();
  Failure NoHead(const http::HeadRead& read) const;
  io::Task<void> RelayInterim();
  // Why a head is no answer; nothing where it is one.
  std::optional<Failure> TakeHead(std::string_view text);
  bool chunked() const { return try_.x.downstream.request_framing().kind == http::Framing::Kind::kChunked; }

  io::Loop& loop_;
  ConnectionPool& pool_;
  const Try& try_;
  UpstreamConnection connection_;
  io::Stream* stream_ = nullptr;               // the connection's
  ConnectionPermits::Waiter* turn_ = nullptr;  // while it waits for one
  bool reused_ = false;
  bool tunnel_ = false;
  int interims_ = 0;  // answers before the one that counts
  std::optional<http::MessageReader> reader_;
  http::ResponseHead head_;
};

}  // namespace tollgate::forward
