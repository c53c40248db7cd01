// An upstream of HTTP/2 whose frames a test writes: it greets each connection, hands on every frame that
// comes, and sends what the test answers. Any thread may ask for what it counted.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/kit/http2_frames.h"

namespace tollgate::kit {

class Http2Upstream {
 public:
  // `connection` counts from 0. What is to be sent; called on one thread for each connection.
  using Answer = std::function<std::string(size_t connection, const Frame& frame)>;

  // Begins each connection with `greeting`.
  explicit Http2Upstream(Answer answer, std::string greeting = ToBytes({FrameType::kSettings}));
  ~Http2Upstream();
  Http2Upstream(const Http2Upstream&) = delete;
  Http2Upstream& operator=(const Http2Upstream&) = delete;

  int port() const { return port_; }
  size_t accepted() const { return accepted_; }

 private:
  void Accept();
  void Serve(int fd, size_t number);

  const Answer answer_;
  const std::string greeting_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<size_t> accepted_{0};
  std::mutex mutex_;
  std::vector<int> open_;                 // guarded by mutex_
  std::vector<std::thread> connections_;  // the accepting thread's
  std::thread acceptor_;
};

// HEADERS of an answer: its status is 200.
inline std::string AnswerHead(uint32_t stream, uint8_t flags = 0) {
  return ToBytes({FrameType::kHeaders, static_cast<uint8_t>(kEndHeaders | flags), stream, "\x88"});
}

}  // namespace tollgate::kit
