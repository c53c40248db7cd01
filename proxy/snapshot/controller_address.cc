#include "proxy/snapshot/controller_address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace tollgate::snapshot {
namespace {

bool IsIpv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsAddress(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || IsIpv6(host);
}

Fault NoTarget(std::string_view text) {
  return Fault{"\"" + std::string(text) +
               "\" names no controller; write HOST:PORT or dns:///HOST:PORT, such as "
               "dns:///tollgate-controller-push.tollgate.svc:9443"};
}

std::string LiteralOf(const addrinfo& found) {
  char text[NI_MAXHOST];
  if (getnameinfo(found.ai_addr, found.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  return text;
}

}  // namespace

std::string ControllerAddress::ToString() const {
  return (IsIpv6(ip) ? "[" + ip + "]" : ip) + ":" + std::to_string(port);
}

Result<ControllerTarget> ControllerTarget::Parse(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with("dns:///")) rest.remove_prefix(7);
  const size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return NoTarget(text);
  const std::string_view digits = rest.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return NoTarget(text);
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!IsIpv6(std::string(host))) return NoTarget(text);
  } else if (host.empty() || host.find_first_of(":/[]@ ") != std::string_view::npos) {
    return NoTarget(text);
  }
  return ControllerTarget(std::string(host), port);
}

bool ControllerTarget::is_name() const { return !IsAddress(host_); }

std::vector<ControllerAddress> ControllerTarget::Resolve() const {
  if (!is_name()) return {{host_, host_, port_}};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host_.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  std::vector<ControllerAddress> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const std::string ip = LiteralOf(*each);
    if (!ip.empty()) addresses.push_back({host_, ip, port_});
  }
  return addresses;
}

}  // namespace tollgate::snapshot
