// A network of IP addresses, as "10.0.0.0/8" names one: read alike by the controller, which tells what is
// wrong with it, and by proxies, which look callers up in it. Plain value; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

// An address in network order; of IPv4, mapped into IPv6 (RFC 4291, section 2.5.5.2).
using IpBytes = std::array<uint8_t, 16>;

// Nothing where the text is no literal address.
std::optional<IpBytes> ParseIp(std::string_view text);

class Cidr {
 public:
  // An address and how many of its first bits count, or an address alone: all of them do. The bits that do
  // not count may be anything.
  static std::optional<Cidr> Parse(std::string_view text);

  // An IPv4 address is in no network of IPv6, nor the other way round.
  bool Contains(const IpBytes& address) const;
  // The canonical form: bits that do not count are 0, and their number is always there.
  std::string ToString() const;

  bool operator==(const Cidr&) const = default;

 private:
  IpBytes network_{};
  size_t bits_ = 0;  // of the 128
};

}  // namespace tollgate
