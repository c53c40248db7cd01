// A TCP connection that sends and receives exactly the bytes it is told to. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace tollgate::kit {

class RawClient {
 public:
  explicit RawClient(int port);  // 127.0.0.1
  // One that somebody else has made: a RawServer.
  struct Accepted {
    int fd;
  };
  explicit RawClient(Accepted accepted) : fd_(accepted.fd) {}
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  // False when the peer has closed.
  bool Send(std::string_view bytes);
  void FinishSending();
  // Breaks the connection off, as a process does that ends with bytes unread.
  void Reset();
  // All that comes until the peer closes or `deadline` has passed.
  std::string ReadToEnd(std::chrono::milliseconds deadline = std::chrono::seconds(10));
  // What comes until `text` has come; what there is when the peer closes or the deadline passes.
  std::string ReadUntil(std::string_view text, std::chrono::milliseconds deadline = std::chrono::seconds(60));
  bool closed_by_peer() const { return closed_; }

 private:
  bool ReadSome(std::string& into, std::chrono::steady_clock::time_point end);
  int fd_ = -1;
  bool closed_ = false;
};

}  // namespace tollgate::kit
