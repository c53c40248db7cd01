#include "proxy/io/address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>

namespace tollgate::io {
namespace {

// Of an address in network order. inet_ntop goes through printf, which costs each request more than all else
// that is said of its caller.
std::string DottedText(const void* address) {
  std::array<uint8_t, 4> bytes;
  std::memcpy(bytes.data(), address, bytes.size());
  char text[INET_ADDRSTRLEN];
  char* end = text;
  for (const uint8_t byte : bytes) {
    if (end != text) *end++ = '.';
    end = std::to_chars(end, std::end(text), byte).ptr;
  }
  return {text, end};
}

}  // namespace

std::optional<Address> Address::FromLiteral(const std::string& ip, uint16_t port) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return Address(storage);
  }
  if (inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return Address(storage);
  }
  return std::nullopt;
}

std::optional<Address> Address::Parse(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.empty()) return FromLiteral("::", port);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return FromLiteral(std::string(host), port);
}

bool Address::is_every() const {
  return is_ipv6() && IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr);
}

uint16_t Address::port() const {
  return ntohs(is_ipv6() ? reinterpret_cast<const sockaddr_in6&>(storage_).sin6_port
                         : reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
}

std::string Address::ip() const {
  if (!is_ipv6()) return DottedText(&reinterpret_cast<const sockaddr_in&>(storage_).sin_addr);
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return DottedText(&v6.s6_addr[12]);
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &v6, text, sizeof text);
  return text;
}

std::string Address::ToString() const {
  const std::string host = ip();
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

}  // namespace tollgate::io
