// One HTTP/1 connection over a stream in memory, answered by a pipeline that has no configuration: every
// request is 503, which is all that the connection's own rules need.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "proxy/net/http1_session.h"
#include "proxy/store/memory_limit_store.h"
#include "tests/kit/memory_stream.h"

namespace tollgate::net {

class SessionFixture : public ::testing::Test {
 protected:
  static constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

  ~SessionFixture() override {
    if (!session_) return;
    stream_->Close();
    EXPECT_TRUE(ended_);
  }

  void Open() {
    auto stream = std::make_unique<kit::MemoryStream>();
    stream_ = stream.get();
    session_ = std::make_unique<Http1Session>(std::move(stream), pipeline_, sessions_);
    io::Detach(RunSession());
  }
  // How long from now a read that waits may go on.
  SteadyTime::duration ReadsFor() const { return stream_->read_deadline() - SteadyNow(); }
  // What has been sent since this was asked last.
  std::string Sent() {
    const std::string all = stream_->written().substr(seen_);
    seen_ += all.size();
    return all;
  }

  io::Loop loop_;
  SystemWallClock clock_;
  pipeline::LiveState live_;
  cache::ResponseCache cache_{{.capacity_bytes = 1024}};
  std::unique_ptr<observe::AccessLog> log_ = *observe::AccessLog::Open("off", 1);
  store::MemoryLimitStore limits_{clock_, 1};
  forward::PoolRoster pools_;
  pipeline::Pipeline pipeline_{loop_, 0, {live_, cache_, pools_, *log_, clock_}, limits_, nullptr, 1};
  SessionList sessions_;
  kit::MemoryStream* stream_ = nullptr;
  std::unique_ptr<Http1Session> session_;
  bool ended_ = false;

 private:
  io::Task<void> RunSession() {
    co_await session_->Run();
    ended_ = true;
  }
  size_t seen_ = 0;
};

}  // namespace tollgate::net
