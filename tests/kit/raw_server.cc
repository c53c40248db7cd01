#include "tests/kit/raw_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tollgate::kit {

RawServer::RawServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in on{};
  on.sin_family = AF_INET;
  on.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof on;
  ::bind(fd_, reinterpret_cast<sockaddr*>(&on), size);
  ::listen(fd_, 16);
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&on), &size);
  port_ = ntohs(on.sin_port);
}

RawServer::~RawServer() { ::close(fd_); }

std::unique_ptr<RawClient> RawServer::Accept() {
  pollfd wait{fd_, POLLIN, 0};
  const int fd = ::poll(&wait, 1, 60'000) > 0 ? ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC) : -1;
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return std::make_unique<RawClient>(RawClient::Accepted{fd});
}

}  // namespace tollgate::kit
