// What a proxy or balancer in front of us says of a connection before its first byte (the PROXY protocol of
// HAProxy, versions 1 and 2, "proxy-protocol.txt"): from whose address it comes. As strict as the text, since
// whatever passes decides for whom a caller is taken. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/io/address.h"

namespace tollgate::http {

// The longest header that is read: of version 1 what its text allows; of version 2 what addresses take, and
// as much of further fields (TLVs) as balancers send, a caller's certificate included.
inline constexpr size_t kMaxProxyLineBytes = 107;
inline constexpr size_t kMaxProxyHeaderBytes = 4096;
// No header is shorter: so much can be read without touching what follows it.
inline constexpr size_t kMinProxyHeaderBytes = 15;

struct ProxyHeader {
  enum class Status : uint8_t {
    kDone,
    kIncomplete,  // may become one with further bytes
    kMalformed,   // is none, whatever follows
  };
  Status status = Status::kMalformed;
  size_t length = 0;                  // kDone: its bytes; what follows is the connection's
  std::optional<io::Address> source;  // kDone: the caller's; nothing: the connection's own counts
};

// `input` is all that has come so far.
ProxyHeader ParseProxyHeader(std::string_view input);

}  // namespace tollgate::http
