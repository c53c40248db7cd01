// An address as networks are compared with it. Pure; any thread.
#pragma once

#include <netinet/in.h>

#include <cstring>

#include "api/base/cidr.h"
#include "proxy/io/address.h"

namespace tollgate::guard {

inline IpBytes BytesOf(const io::Address& address) {
  IpBytes bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address.is_ipv6()) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address.data())->sin6_addr, 16);
  } else {
    std::memcpy(&bytes[12], &reinterpret_cast<const sockaddr_in*>(address.data())->sin_addr, 4);
  }
  return bytes;
}

}  // namespace tollgate::guard
