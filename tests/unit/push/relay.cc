#include "tests/unit/push/relay.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tollgate::push {
namespace {

// How soon a change of mode is noticed.
constexpr int kTurnMilliseconds = 5;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool SendAll(int fd, const char* data, ssize_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, data, static_cast<size_t>(size), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= sent;
  }
  return true;
}

}  // namespace

struct Relay::Pair {
  Pair(int client_fd, int server_fd) : client(client_fd), server(server_fd) {}
  ~Pair() {
    ::close(client);
    ::close(server);
  }
  const int client;
  const int server;
  uint64_t passed = 0;  // from the controller
};

Relay::Relay(uint16_t target) : target_(target) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_, 16), 0);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

Relay::~Relay() {
  over_ = true;
  thread_.join();
  ::close(listener_);
}

void Relay::Run() {
  while (!over_) {
    const bool dead = black_hole_;
    // A negative descriptor is not looked at, not even for its end.
    std::vector<pollfd> waits{{dead ? -1 : listener_, POLLIN, 0}};
    for (const auto& pair : pairs_) {
      waits.push_back({dead ? -1 : pair->client, POLLIN, 0});
      waits.push_back({dead || hold_controller_ ? -1 : pair->server, POLLIN, 0});
    }
    if (::poll(waits.data(), waits.size(), kTurnMilliseconds) <= 0) continue;
    std::vector<std::unique_ptr<Pair>> kept;
    for (size_t i = 0; i < pairs_.size(); ++i) {
      if (Pass(*pairs_[i], waits[1 + 2 * i].revents, waits[2 + 2 * i].revents)) {
        kept.push_back(std::move(pairs_[i]));
      }
    }
    pairs_ = std::move(kept);
    if ((waits[0].revents & POLLIN) != 0) Accept();
  }
  pairs_.clear();
}

void Relay::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ++accepted_;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  pairs_.push_back(std::make_unique<Pair>(client, server));
}

bool Relay::Pass(Pair& pair, short client_events, short server_events) {
  char buffer[64 << 10];
  if ((client_events & (POLLIN | POLLHUP | POLLERR)) != 0) {
    const ssize_t got = ::recv(pair.client, buffer, sizeof buffer, 0);
    if (got <= 0 || !SendAll(pair.server, buffer, got)) return false;
  }
  if ((server_events & POLLIN) != 0) {
    const ssize_t got = ::recv(pair.server, buffer, sizeof buffer, 0);
    if (got <= 0 || !SendAll(pair.client, buffer, got)) return false;
    pair.passed += static_cast<uint64_t>(got);
    from_controller_ += static_cast<uint64_t>(got);
    if (cut_after_ != 0 && pair.passed >= cut_after_) return false;
  } else if ((server_events & (POLLHUP | POLLERR)) != 0) {
    return false;
  }
  return true;
}

}  // namespace tollgate::push
