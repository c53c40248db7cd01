#include "tests/kit/tcp_relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace tollgate::kit {
namespace {

// How soon a verb, or a piece that is due, is noticed.
constexpr int kTurnMillis = 2;

sockaddr_in AddressOf(const std::string& address, uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &result.sin_addr) != 1)
    throw std::runtime_error(address + " is no IPv4 address");
  return result;
}

const sockaddr* Plain(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

TcpRelay::TcpRelay(const std::string& address, const std::string& target_address, uint16_t target_port)
    : target_address_(target_address),
      target_port_(target_port),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in own = AddressOf(address, 0);
  socklen_t size = sizeof own;
  if (bind(listener_, Plain(own), size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    throw std::runtime_error("cannot listen on " + address);
  }
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

void TcpRelay::Lose(Way way) {
  const std::lock_guard lock(mutex_);
  (way == Way::kToServer ? lose_to_server_ : lose_to_client_) = true;
  for (Pair& pair : pairs_) (way == Way::kToServer ? pair.to_server : pair.to_client).lost = true;
}

void TcpRelay::ResetAfter(size_t bytes) {
  const std::lock_guard lock(mutex_);
  reset_after_ = bytes;
  for (Pair& pair : pairs_) pair.reset_after = bytes;
}

void TcpRelay::Cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  for (const Pair& pair : pairs_) Close(pair);
  pairs_.clear();
}

void TcpRelay::Mend() {
  const std::lock_guard lock(mutex_);
  cut_ = lose_to_server_ = lose_to_client_ = false;
  reset_after_.reset();
  for (Pair& pair : pairs_) pair.reset_after.reset();
}

std::vector<pollfd> TcpRelay::Wanted() {
  std::vector<pollfd> wanted{{listener_, POLLIN, 0}};
  const std::lock_guard lock(mutex_);
  for (const Pair& pair : pairs_) {
    for (const Flow* flow : {&pair.to_server, &pair.to_client}) {
      if (!pair.silent && !flow->ended) wanted.push_back({flow->from, POLLIN, 0});
    }
  }
  return wanted;
}

void TcpRelay::Run() {
  while (!ending_) {
    std::vector<pollfd> wanted = Wanted();
    poll(wanted.data(), wanted.size(), kTurnMillis);
    if (wanted[0].revents != 0) Accept();
    const std::lock_guard lock(mutex_);
    std::erase_if(pairs_, [this](Pair& pair) {
      if (pair.silent || Turn(pair)) return false;
      Close(pair);
      return true;
    });
  }
}

void TcpRelay::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in target = AddressOf(target_address_, target_port_);
  const std::lock_guard lock(mutex_);
  if (cut_ || connect(server, Plain(target), sizeof target) != 0) {
    close(client);
    close(server);
    return;
  }
  ++connections_;
  pairs_.push_back({.to_server = {.from = client, .to = server, .lost = lose_to_server_},
                    .to_client = {.from = server, .to = client, .lost = lose_to_client_},
                    .reset_after = reset_after_});
}

bool TcpRelay::Turn(Pair& pair) {
  std::optional<size_t> any;
  if (!Take(pair.to_server) || !Take(pair.to_client) || !Pass(pair.to_server, any) ||
      !Pass(pair.to_client, pair.reset_after)) {
    return false;
  }
  if (pair.reset_after != size_t{0}) return true;
  Reset(pair);
  return false;
}

// What is there now; false at a failure.
bool TcpRelay::Take(Flow& flow) {
  char bytes[65536];
  while (!flow.ended) {
    const ssize_t count = recv(flow.from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    flow.ended = count == 0;
    if (count > 0 && !flow.lost)
      flow.under_way.push_back({Clock::now() + delay_.load(), {bytes, static_cast<size_t>(count)}});
  }
  return true;
}

// What is due, at most so many bytes; false at a failure, and once all is passed on that came before an end.
bool TcpRelay::Pass(Flow& flow, std::optional<size_t>& most) const {
  while (!flow.under_way.empty() && flow.under_way.front().due <= Clock::now()) {
    std::string& bytes = flow.under_way.front().bytes;
    const size_t size = std::min(bytes.size(), most.value_or(bytes.size()));
    const ssize_t sent = size == 0 ? 0 : send(flow.to, bytes.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    if (most) *most -= static_cast<size_t>(sent);
    bytes.erase(0, static_cast<size_t>(sent));
    if (!bytes.empty()) return true;
    flow.under_way.pop_front();
  }
  return !flow.ended || !flow.under_way.empty();
}

void TcpRelay::Reset(const Pair& pair) {
  const linger at_once{1, 0};
  for (const int socket : {pair.to_server.from, pair.to_server.to}) {
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
}

void TcpRelay::Close(const Pair& pair) {
  close(pair.to_server.from);
  close(pair.to_server.to);
}

}  // namespace tollgate::kit
