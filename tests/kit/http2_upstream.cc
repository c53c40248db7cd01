#include "tests/kit/http2_upstream.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace tollgate::kit {
namespace {

constexpr size_t kPrefaceBytes = 24;

}  // namespace

Http2Upstream::Http2Upstream(Answer answer, std::string greeting)
    : answer_(std::move(answer)), greeting_(std::move(greeting)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  (void)::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  (void)::listen(listener_, 1024);
  (void)::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

Http2Upstream::~Http2Upstream() {
  (void)::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::scoped_lock lock(mutex_);
    for (const int fd : open_) (void)::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
}

void Http2Upstream::Accept() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::scoped_lock lock(mutex_);
    open_.push_back(fd);
    connections_.emplace_back([this, fd, number = accepted_++] { Serve(fd, number); });
  }
}

void Http2Upstream::Serve(int fd, size_t number) {
  std::string input;
  size_t skipped = 0;
  bool writable = ::send(fd, greeting_.data(), greeting_.size(), MSG_NOSIGNAL) >= 0;
  std::array<char, 65536> block;
  while (writable) {
    const ssize_t n = ::recv(fd, block.data(), block.size(), 0);
    if (n <= 0) break;
    input.append(block.data(), static_cast<size_t>(n));
    if (skipped < kPrefaceBytes) {
      if (input.size() < kPrefaceBytes) continue;
      input.erase(0, std::exchange(skipped, kPrefaceBytes) == 0 ? kPrefaceBytes : 0);
    }
    std::string output;
    size_t taken = 0;
    for (const Frame& frame : ReadFrames(input)) {
      taken += 9 + frame.payload.size();
      const bool greets = frame.type == FrameType::kSettings && (frame.flags & kAck) == 0;
      if (greets) output += ToBytes({FrameType::kSettings, kAck});
      output += answer_(number, frame);
    }
    input.erase(0, taken);
    if (!output.empty()) writable = ::send(fd, output.data(), output.size(), MSG_NOSIGNAL) >= 0;
  }
  const std::scoped_lock lock(mutex_);
  std::erase(open_, fd);
  ::close(fd);
}

}  // namespace tollgate::kit
