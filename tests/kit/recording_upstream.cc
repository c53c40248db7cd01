#include "tests/kit/recording_upstream.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <string_view>

namespace tollgate::kit {
namespace {

// The body of a chunked message at the front of `input`, and how many bytes carried it.
std::optional<std::pair<std::string, size_t>> TakeChunked(std::string_view input) {
  std::string body;
  size_t at = 0;
  while (true) {
    const size_t line_end = input.find("\r\n", at);
    if (line_end == std::string::npos) return std::nullopt;
    const size_t size = std::stoul(std::string(input.substr(at, line_end - at)), nullptr, 16);
    at = line_end + 2;
    if (size == 0) {
      const size_t end = input.compare(at, 2, "\r\n") == 0 ? at : input.find("\r\n\r\n", at);
      if (end == std::string::npos || input.size() < end + 2) return std::nullopt;
      return std::pair(body, end + 2 + (end == at ? 0 : 2));
    }
    if (input.size() < at + size + 2) return std::nullopt;
    body += input.substr(at, size);
    at += size + 2;
  }
}

std::optional<std::pair<std::string, size_t>> TakeBody(const std::string& head, std::string_view input) {
  const auto flags = std::regex::icase;
  if (std::regex_search(head, std::regex("\r\ntransfer-encoding: *chunked", flags)))
    return TakeChunked(input);
  std::smatch length;
  if (!std::regex_search(head, length, std::regex("\r\ncontent-length: *([0-9]+)", flags))) {
    return std::pair(std::string(), size_t{0});
  }
  const size_t n = std::stoul(length[1]);
  if (input.size() < n) return std::nullopt;
  return std::pair(std::string(input.substr(0, n)), n);
}

}  // namespace

RecordingUpstream::RecordingUpstream(std::string answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in on{};
  on.sin_family = AF_INET;
  on.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&on), sizeof on);
  ::listen(listener_, 256);
  socklen_t size = sizeof on;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&on), &size);
  port_ = ntohs(on.sin_port);
  acceptor_ = std::thread([this] { AcceptConnections(); });
}

RecordingUpstream::~RecordingUpstream() {
  StopListening();
  CloseConnections();
  for (std::thread& connection : connections_) connection.join();
}

void RecordingUpstream::StopListening() {
  if (!acceptor_.joinable()) return;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
}

void RecordingUpstream::AcceptConnections() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++accepted_;
    {
      const std::scoped_lock lock(mutex_);
      open_.push_back(fd);
    }
    connections_.emplace_back([this, fd] { ServeConnection(fd); });
  }
}

void RecordingUpstream::ServeConnection(int fd) {
  std::string input;
  char bytes[16384];
  bool begun = false;
  bool open = true;
  while (open) {
    const ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
    if (n <= 0) break;
    input.append(bytes, static_cast<size_t>(n));
    while (open && TakeRequest(input, begun)) open = Answer(fd);
  }
  const std::scoped_lock lock(mutex_);
  std::erase(open_, fd);
  ::close(fd);
}

bool RecordingUpstream::Answer(int fd) {
  std::pair<std::string, Then> answer;
  {
    const std::scoped_lock lock(mutex_);
    answer = {answer_, Then::kKeep};
    if (!next_.empty()) {
      answer = std::move(next_.front());
      next_.pop_front();
    }
  }
  ::send(fd, answer.first.data(), answer.first.size(), MSG_NOSIGNAL);
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (answer.second == Then::kReset) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  return answer.second == Then::kKeep;
}

bool RecordingUpstream::TakeRequest(std::string& input, bool& begun) {
  if (!input.empty() && !std::exchange(begun, true)) ++begun_;
  const size_t end = input.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string head = input.substr(0, end + 4);
  const auto body = TakeBody(head, std::string_view(input).substr(end + 4));
  if (!body) return false;
  input.erase(0, end + 4 + body->second);
  begun = false;
  const std::scoped_lock lock(mutex_);
  complete_.push_back({head, body->first});
  return true;
}

std::vector<RecordingUpstream::Request> RecordingUpstream::Complete() const {
  const std::scoped_lock lock(mutex_);
  return complete_;
}

void RecordingUpstream::CloseConnections() {
  const std::scoped_lock lock(mutex_);
  for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
}

size_t RecordingUpstream::open() const {
  const std::scoped_lock lock(mutex_);
  return open_.size();
}

void RecordingUpstream::Forget() {
  const std::scoped_lock lock(mutex_);
  complete_.clear();
  begun_ = 0;
}

void RecordingUpstream::AnswerNext(std::string bytes, Then then) {
  const std::scoped_lock lock(mutex_);
  next_.emplace_back(std::move(bytes), then);
}

void RecordingUpstream::SetAnswer(std::string answer) {
  const std::scoped_lock lock(mutex_);
  answer_ = std::move(answer);
}

}  // namespace tollgate::kit
