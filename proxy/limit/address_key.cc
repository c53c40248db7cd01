#include "proxy/limit/address_key.h"

#include <netinet/in.h>

namespace tollgate::limit {
namespace {

uint64_t BigEndian(const uint8_t* bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

// As IPv4 addresses stand in a 64-bit prefix: within 0::/8, which is given to no network (RFC 4291 section
// 2.5), and so to no IPv6 caller.
constexpr uint64_t kIpv4 = uint64_t{0xffff} << 32;

}  // namespace

store::Key128 AddressKey(uint64_t owner, const io::Address& peer) {
  if (!peer.is_ipv6()) {
    const auto& v4 = *reinterpret_cast<const sockaddr_in*>(peer.data());
    return {owner, kIpv4 | ntohl(v4.sin_addr.s_addr)};
  }
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(peer.data())->sin6_addr;
  // What a socket for both families makes of an IPv4 caller.
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return {owner, kIpv4 | BigEndian(&v6.s6_addr[12], 4)};
  return {owner, BigEndian(v6.s6_addr, 8)};
}

}  // namespace tollgate::limit
