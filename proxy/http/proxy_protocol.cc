#include "proxy/http/proxy_protocol.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>

#include "proxy/http/characters.h"

namespace tollgate::http {
namespace {

using Status = ProxyHeader::Status;

constexpr std::string_view kLineStart = "PROXY ";
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
// Version 2: the signature, version and command, family and transport, and the length of what follows.
constexpr size_t kFixedBytes = 16;

const ProxyHeader kIncomplete{Status::kIncomplete, 0, std::nullopt};
const ProxyHeader kMalformed{Status::kMalformed, 0, std::nullopt};

uint8_t Octet(std::string_view text, size_t at) { return static_cast<uint8_t>(text[at]); }
size_t Number(std::string_view text, size_t at) { return size_t{Octet(text, at)} << 8 | Octet(text, at + 1); }

// Takes what stands before the next space off; nothing where there is no space.
std::optional<std::string_view> TakeWord(std::string_view& line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space + 1);
  return word;
}

// Decimal, without sign or leading zeros (section 2.1).
std::optional<uint16_t> ParsePort(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::optional<io::Address> ParseAddress(std::string_view text, uint16_t port, bool ipv6) {
  const auto belongs = [](char c) { return Is(c, kHexDigit) || c == '.' || c == ':'; };
  if (!std::all_of(text.begin(), text.end(), belongs)) return std::nullopt;  // a zero would end it early
  const auto address = io::Address::FromLiteral(std::string(text), port);
  if (!address || address->is_ipv6() != ipv6) return std::nullopt;
  return address;
}

// Behind "PROXY TCP4 " or "PROXY TCP6 ": source, destination, their ports.
ProxyHeader ParseEndpoints(std::string_view line, bool ipv6, size_t length) {
  const auto source = TakeWord(line);
  const auto destination = TakeWord(line);
  const auto source_port = TakeWord(line);
  if (!source || !destination || !source_port) return kMalformed;
  const auto from = ParsePort(*source_port);
  const auto to = ParsePort(line);
  if (!from || !to) return kMalformed;
  const auto address = ParseAddress(*source, *from, ipv6);
  if (!address || !ParseAddress(*destination, *to, ipv6)) return kMalformed;
  return {Status::kDone, length, *address};
}

ProxyHeader ParseLine(std::string_view input) {
  const size_t end = input.substr(0, kMaxProxyLineBytes).find('\n');
  if (end == std::string_view::npos) return input.size() < kMaxProxyLineBytes ? kIncomplete : kMalformed;
  if (input[end - 1] != '\r') return kMalformed;
  std::string_view line = input.substr(kLineStart.size(), end - 1 - kLineStart.size());
  if (line.find('\r') != std::string_view::npos) return kMalformed;
  // Whatever follows that word says nothing (section 2.1).
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return {Status::kDone, end + 1, std::nullopt};
  const auto family = TakeWord(line);
  if (family == "TCP4") return ParseEndpoints(line, false, end + 1);
  if (family == "TCP6") return ParseEndpoints(line, true, end + 1);
  return kMalformed;
}

// Type, length and value, one behind the other up to the header's end (section 2.2.1).
bool AreFields(std::string_view fields) {
  while (!fields.empty()) {
    if (fields.size() < 3 || fields.size() - 3 < Number(fields, 1)) return false;
    fields.remove_prefix(3 + Number(fields, 1));
  }
  return true;
}

io::Address SourceV4(std::string_view addresses) {
  sockaddr_storage storage{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  v4.sin_family = AF_INET;
  std::memcpy(&v4.sin_addr, addresses.data(), 4);
  v4.sin_port = htons(static_cast<uint16_t>(Number(addresses, 8)));
  return io::Address(storage);
}

io::Address SourceV6(std::string_view addresses) {
  sockaddr_storage storage{};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, addresses.data(), 16);
  v6.sin6_port = htons(static_cast<uint16_t>(Number(addresses, 32)));
  return io::Address(storage);
}

// What of the second version's 14th byte can be: a family and a stream. A datagram cannot have brought this.
struct Family {
  uint8_t code;
  size_t address_bytes;
};
constexpr std::array<Family, 4> kFamilies = {{
    {0x00, 0},   // unspecified: a check of the balancer's own, or no IP
    {0x11, 12},  // two addresses and two ports
    {0x21, 36},
    {0x31, 216},  // two paths of Unix sockets: no address of a caller's
}};

ProxyHeader ParseAddresses(std::string_view header, size_t length) {
  const uint8_t code = Octet(header, 13);
  const auto* const family =
      std::find_if(kFamilies.begin(), kFamilies.end(), [code](const Family& f) { return f.code == code; });
  const std::string_view block = header.substr(kFixedBytes);
  if (family == kFamilies.end() || block.size() < family->address_bytes) return kMalformed;
  if (!AreFields(block.substr(family->address_bytes))) return kMalformed;
  if (code == 0x11) return {Status::kDone, length, SourceV4(block)};
  if (code == 0x21) return {Status::kDone, length, SourceV6(block)};
  return {Status::kDone, length, std::nullopt};
}

ProxyHeader ParseBinary(std::string_view input) {
  constexpr uint8_t kLocal = 0x20;  // of the balancer's own; version 2 in the upper half
  constexpr uint8_t kProxy = 0x21;
  if (input.size() > 12 && Octet(input, 12) != kLocal && Octet(input, 12) != kProxy) return kMalformed;
  if (input.size() < kFixedBytes) return kIncomplete;
  const size_t length = kFixedBytes + Number(input, 14);
  if (length > kMaxProxyHeaderBytes) return kMalformed;
  if (input.size() < length) return kIncomplete;
  // Section 2.2: whatever a local one says of addresses is to be passed over.
  if (Octet(input, 12) == kLocal) return {Status::kDone, length, std::nullopt};
  return ParseAddresses(input.substr(0, length), length);
}

// Whether one of the two is the beginning of the other.
bool BeginAlike(std::string_view a, std::string_view b) {
  const size_t common = std::min(a.size(), b.size());
  return a.substr(0, common) == b.substr(0, common);
}

}  // namespace

ProxyHeader ParseProxyHeader(std::string_view input) {
  if (input.empty()) return kIncomplete;
  if (BeginAlike(input, kSignature)) return ParseBinary(input);
  if (!BeginAlike(input, kLineStart)) return kMalformed;
  return input.size() < kLineStart.size() ? kIncomplete : ParseLine(input);
}

}  // namespace tollgate::http
