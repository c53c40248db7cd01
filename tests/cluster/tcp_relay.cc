#include "tests/cluster/tcp_relay.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

namespace tollgate::testing {
namespace {

// How soon a verb is noticed.
constexpr int kTurnMillis = 5;

sockaddr_in Address(const std::string& address, uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET, address.c_str(), &result.sin_addr), 1) << address;
  return result;
}

const sockaddr* Plain(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

TcpRelay::TcpRelay(const std::string& address, const std::string& target_address, uint16_t target_port)
    : target_address_(target_address), target_port_(target_port), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in own = Address(address, 0);
  EXPECT_EQ(bind(listener_, Plain(own), sizeof own), 0) << "cannot listen on " << address;
  EXPECT_EQ(listen(listener_, 64), 0);
  socklen_t size = sizeof own;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size);
  port_ = ntohs(own.sin_port);
  thread_ = std::thread([this] { Run(); });
}

TcpRelay::~TcpRelay() {
  ending_ = true;
  thread_.join();
  for (const Pair& pair : pairs_) Close(pair);
  close(listener_);
}

void TcpRelay::Silence() {
  const std::lock_guard lock(mutex_);
  for (Pair& pair : pairs_) pair.silent = true;
}

void TcpRelay::Cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  for (const Pair& pair : pairs_) Close(pair);
  pairs_.clear();
}

void TcpRelay::Run() {
  while (!ending_) {
    std::vector<pollfd> wanted{{listener_, POLLIN, 0}};
    {
      const std::lock_guard lock(mutex_);
      for (const Pair& pair : pairs_) {
        if (pair.silent) continue;
        wanted.push_back({pair.client, POLLIN, 0});
        wanted.push_back({pair.server, POLLIN, 0});
      }
    }
    if (poll(wanted.data(), wanted.size(), kTurnMillis) <= 0) continue;
    if (wanted[0].revents != 0) Accept();
    const std::lock_guard lock(mutex_);
    std::erase_if(pairs_, [this](const Pair& pair) {
      if (pair.silent || (Pass(pair.client, pair.server) && Pass(pair.server, pair.client))) return false;
      Close(pair);
      return true;
    });
  }
}

void TcpRelay::Accept() {
  const int client = accept(listener_, nullptr, nullptr);
  if (client < 0) return;
  if (cut_) {
    close(client);
    return;
  }
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in target = Address(target_address_, target_port_);
  if (connect(server, Plain(target), sizeof target) != 0) {
    close(client);
    close(server);
    return;
  }
  ++connections_;
  const std::lock_guard lock(mutex_);
  pairs_.push_back({client, server});
}

bool TcpRelay::Pass(int from, int to) {
  char bytes[65536];
  const ssize_t count = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  return count > 0 && send(to, bytes, static_cast<size_t>(count), MSG_NOSIGNAL) == count;
}

void TcpRelay::Close(const Pair& pair) {
  close(pair.client);
  close(pair.server);
}

}  // namespace tollgate::testing
