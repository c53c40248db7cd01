#include "proxy/takeover/listeners.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <charconv>
#include <iterator>

#include "proxy/io/tcp.h"

namespace tollgate::takeover {
namespace {

bool Listens(int socket) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

// A kernel without IPv6 has every address as that of IPv4.
bool IsEvery(const io::Address& address) { return address.is_every() || address.ip() == "0.0.0.0"; }

bool Fits(const io::Address& local, const io::Address& asked) {
  const bool same_ip = asked.is_every() ? IsEvery(local) : local.ip() == asked.ip();
  return same_ip && (asked.port() == 0 || asked.port() == local.port());
}

}  // namespace

Listener Duplicate(std::string_view role, unsigned index, int socket) {
  return {std::string(role), index, io::Descriptor(::fcntl(socket, F_DUPFD_CLOEXEC, 0))};
}

std::string TextOf(const Listener& listener) {
  return listener.role + " " + std::to_string(listener.index) + " " +
         io::LocalAddress(listener.socket.get()).ToString();
}

Result<Listener> ReadListener(std::string_view text, io::Descriptor socket) {
  const size_t space = text.find(' ');
  if (!socket.ok() || !Listens(socket.get()) || space == std::string_view::npos) {
    return Fault{"\"" + std::string(text) + "\" is no listener"};
  }
  const std::string_view rest = text.substr(space + 1);
  unsigned index = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (error != std::errc() || end == rest.data() + rest.size() || *end != ' ') {
    return Fault{"\"" + std::string(text) + "\" is no listener"};
  }
  return Listener{std::string(text.substr(0, space)), index, std::move(socket)};
}

std::vector<io::Descriptor> Inheritance::Take(std::string_view role, const io::Address& asked) {
  std::vector<io::Descriptor> taken;
  for (Listener& listener : listeners_) {
    const bool fits =
        listener.socket.ok() && listener.role == role && Fits(io::LocalAddress(listener.socket.get()), asked);
    if (fits) taken.push_back(std::move(listener.socket));
  }
  std::erase_if(listeners_, [](const Listener& listener) { return !listener.socket.ok(); });
  return taken;
}

}  // namespace tollgate::takeover
