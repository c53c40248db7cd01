#include "api/base/cidr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace tollgate {
namespace {

constexpr size_t kMappedBits = 96;
constexpr IpBytes kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsIpv4(const IpBytes& address) {
  return std::equal(kMapped.begin(), kMapped.begin() + kMappedBits / 8, address.begin());
}

// Whether the first `bits` are the same.
bool SameBits(const IpBytes& a, const IpBytes& b, size_t bits) {
  const size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(whole), b.begin())) return false;
  const auto mask = static_cast<uint8_t>(0xff00U >> bits % 8);
  return bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0;
}

void ClearBehind(size_t bits, IpBytes& address) {
  for (size_t i = 0; i < address.size(); ++i) {
    const size_t counting = std::clamp<size_t>(bits, i * 8, i * 8 + 8) - i * 8;
    address[i] = static_cast<uint8_t>(address[i] & (0xff00U >> counting));
  }
}

}  // namespace

std::optional<IpBytes> ParseIp(std::string_view text) {
  const std::string literal(text);
  IpBytes bytes = kMapped;
  if (inet_pton(AF_INET, literal.c_str(), &bytes[kMappedBits / 8]) == 1) return bytes;
  if (inet_pton(AF_INET6, literal.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

std::optional<Cidr> Cidr::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view literal = text.substr(0, slash);
  const std::optional<IpBytes> address = ParseIp(literal);
  if (!address) return std::nullopt;
  Cidr cidr;
  cidr.bits_ = 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), cidr.bits_);
    if (error != std::errc() || end != digits.data() + digits.size() || cidr.bits_ > 128) {
      return std::nullopt;
    }
    // Written in IPv4's own form, the number counts from there.
    if (literal.find(':') == std::string_view::npos) cidr.bits_ += kMappedBits;
  }
  if (cidr.bits_ > 128) return std::nullopt;
  cidr.network_ = *address;
  ClearBehind(cidr.bits_, cidr.network_);
  return cidr;
}

bool Cidr::Contains(const IpBytes& address) const {
  const bool is_ipv4 = bits_ >= kMappedBits && IsIpv4(network_);
  return IsIpv4(address) == is_ipv4 && SameBits(network_, address, bits_);
}

std::string Cidr::ToString() const {
  const bool is_ipv4 = bits_ >= kMappedBits && IsIpv4(network_);
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(is_ipv4 ? AF_INET : AF_INET6, is_ipv4 ? &network_[kMappedBits / 8] : network_.data(), text,
            sizeof text);
  return std::string(text) + "/" + std::to_string(is_ipv4 ? bits_ - kMappedBits : bits_);
}

}  // namespace tollgate
