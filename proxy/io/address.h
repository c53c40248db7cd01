// An IP address and port as the kernel takes it. Plain value; any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::io {

class Address {
 public:
  Address() : storage_{} {}
  explicit Address(const sockaddr_storage& storage) : storage_(storage) {}

  // A literal IPv4 or IPv6 address (no brackets, no names) and a port.
  static std::optional<Address> FromLiteral(const std::string& ip, uint16_t port);
  // "127.0.0.1:8080", "[::1]:8080", ":8080" (every address).
  static std::optional<Address> Parse(std::string_view text);

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return is_ipv6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
  bool is_ipv6() const { return storage_.ss_family == AF_INET6; }
  // Stands for every address of this machine, of IPv4 and IPv6.
  bool is_every() const;
  uint16_t port() const;
  // The address alone; an IPv4 address mapped into IPv6 in its IPv4 form.
  std::string ip() const;
  // As Parse reads it.
  std::string ToString() const;

 private:
  sockaddr_storage storage_;
};

}  // namespace tollgate::io
