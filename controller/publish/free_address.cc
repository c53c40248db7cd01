#include "controller/publish/free_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace tollgate::publish {
namespace {

struct Free {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, Free>;

Addresses Resolve(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return nullptr;
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &wanted, &found) != 0) return nullptr;
  return Addresses(found);
}

// 0, or why nobody can listen there. A listener that does not share, as other programs open it.
int TryToBind(const addrinfo& on) {
  const int fd = ::socket(on.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // A machine without IPv6: gRPC takes the addresses that it has.
  if (fd < 0) return 0;
  const int yes = 1;
  const int no = 0;
  // What is left of connections that have ended does not count.
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (on.ai_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  const int error = ::bind(fd, on.ai_addr, on.ai_addrlen) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

std::string Remedy(int error) {
  if (error == EADDRINUSE) {
    return "stop what listens there or choose another --push-address (port 0 picks a free one)";
  }
  if (error == EACCES) return "choose a port above 1023 in --push-address or grant CAP_NET_BIND_SERVICE";
  return "choose another --push-address";
}

}  // namespace

Status<> CheckAddressIsFree(const std::string& address) {
  const Addresses addresses = Resolve(address);
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    if (const int error = TryToBind(*each); error != 0) {
      return Fault{"cannot listen on " + address + " for the push: " + std::strerror(error) + "; " +
                   Remedy(error)};
    }
  }
  return Done{};
}

}  // namespace tollgate::publish
