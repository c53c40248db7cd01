// An exchange without a connection: a request from text, and a caller's side that keeps what it is given.
// One thread.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/exchange/exchange.h"
#include "tests/kit/heads.h"

namespace tollgate::kit {

class FakeDownstream final : public exchange::Downstream {
 public:
  // The request's body, as it will be read; it ends after what was given here.
  void SetBody(http::Framing framing, std::vector<std::string> pieces,
               http::BodyPiece::Status end = http::BodyPiece::Status::kEnd);
  // What comes after the pieces does not come until nobody waits for it any more.
  void HoldBody() { held_ = true; }
  // From now on the caller is gone; who watches hears of it.
  void GoAway() {
    gone_ = true;
    if (watcher_ != nullptr) watcher_->OnCallerGone();
  }
  // The caller ends its side of the connection; who watches, now or later, hears of it.
  void EndSending() {
    ended_ = true;
    if (watcher_ != nullptr) watcher_->OnCallerDone();
  }
  bool watched() const { return watcher_ != nullptr; }
  void SetBytes(uint64_t received, uint64_t sent) {
    received_ = received;
    sent_ = sent;
  }

  int status() const { return status_; }
  const std::string& fields() const { return fields_; }  // a line each
  const http::Framing& framing() const { return framing_; }
  const std::string& body() const { return body_; }
  const std::string& interims() const { return interims_; }  // a line each: the status, then its fields
  bool complete() const { return complete_; }
  // A line each.
  const std::string& trailers() const { return trailers_; }
  // Behind the request's body.
  void SetRequestTrailers(const http::Trailers& trailers) { request_trailers_ = trailers; }
  bool aborted() const { return aborted_; }

  const http::Framing& request_framing() const override { return request_framing_; }
  io::Task<http::BodyPiece> ReadBody() override;
  void SetBodyIdle(std::chrono::milliseconds idle) override {
    if (idle.count() == 0) released_.Set();
  }
  io::Task<void> SendInterim(int status, const http::Fields& fields) override;
  io::Task<bool> SendHead(const exchange::Answer& answer, std::string_view piece, bool last) override;
  io::Task<bool> SendBody(std::string_view piece, bool last) override;
  // From now on the caller takes nothing more, until he does.
  void TakeNothing() { has_room_ = false; }
  void TakeMore() {
    has_room_ = true;
    room_.Set();
  }
  bool room_awaited() const { return room_awaited_; }
  bool HasRoom() override { return has_room_; }
  io::Task<bool> AwaitRoom() override {
    room_awaited_ = true;
    co_await room_;
    room_awaited_ = false;
    co_return !gone_;
  }
  const http::Trailers* request_trailers() const override {
    return request_trailers_ ? &*request_trailers_ : nullptr;
  }
  void SetTrailers(const http::Trailers& trailers) override {
    for (const auto& [name, value] : trailers) trailers_ += name + ": " + value + "\n";
  }
  void Abort() override { aborted_ = true; }
  exchange::Caller caller() const override {
    return gone_ || aborted_ ? exchange::Caller::kGone : exchange::Caller::kThere;
  }
  void Watch(exchange::CallerWatcher* watcher) override {
    watcher_ = watcher;
    if (ended_) EndSending();
  }
  bool head_sent() const override { return status_ != 0; }
  uint64_t bytes_received() const override { return received_; }
  uint64_t bytes_sent() const override { return sent_; }

 private:
  http::Framing request_framing_;
  std::deque<std::string> pieces_;
  std::string piece_;  // the one that was read last
  http::BodyPiece::Status end_ = http::BodyPiece::Status::kEnd;
  bool held_ = false;
  io::Event released_;
  bool gone_ = false;
  bool ended_ = false;
  exchange::CallerWatcher* watcher_ = nullptr;
  int status_ = 0;
  std::string fields_;
  http::Framing framing_;
  std::string body_;
  std::string trailers_;
  std::optional<http::Trailers> request_trailers_;
  std::string interims_;
  bool complete_ = false;
  bool has_room_ = true;
  bool room_awaited_ = false;
  io::Event room_;
  bool aborted_ = false;
  uint64_t received_ = 0;
  uint64_t sent_ = 0;
};

// A parsed request in an exchange that has come as far as the forwarder: fields and query as they came.
class TestExchange {
 public:
  TestExchange(std::string_view method, std::string_view target,
               std::string_view lines = "Host: a.example\r\n", int minor_version = 1,
               const std::string& peer = "192.0.2.7",
               const exchange::Transport& transport = exchange::kPlainTransport);

  exchange::Exchange* operator->() { return &x_; }
  exchange::Exchange& operator*() { return x_; }
  FakeDownstream& downstream() { return downstream_; }

 private:
  const Request request_;
  const io::Address peer_;
  FakeDownstream downstream_;
  exchange::Exchange x_;
};

}  // namespace tollgate::kit
