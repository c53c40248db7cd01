// Addresses as programs take them on the command line. One thread, at start.
#pragma once

#include <optional>
#include <string>

#include "api/base/result.h"
#include "proxy/guard/client_address.h"
#include "proxy/io/address.h"

namespace tollgate::net {

// `flag` without dashes, for the sentence.
inline Result<io::Address> ReadAddressFlag(const std::string& flag, const std::string& text) {
  if (const auto address = io::Address::Parse(text)) return *address;
  return Fault{"--" + flag + " \"" + text +
               "\" is no address; write an IP address and a port, such as 127.0.0.1:8080"};
}

// Of a listener that there need not be: nothing where the text is "off".
inline Result<std::optional<io::Address>> ReadOptionalAddressFlag(const std::string& flag,
                                                                  const std::string& text) {
  if (text == "off") return std::optional<io::Address>();
  const Result<io::Address> address = ReadAddressFlag(flag, text);
  if (!address.ok()) return address.error();
  return std::optional(*address);
}

// At least one serving thread, and no more than any machine has cores.
inline Status<> CheckThreadsFlag(unsigned threads) {
  if (threads == 0 || threads > 1024) return Fault{"--threads must be 1 to 1024"};
  return Done{};
}

// How many proxies stand in front, each of which appends its caller to X-Forwarded-For.
inline Status<> CheckTrustedHopsFlag(unsigned hops) {
  if (hops > guard::kMostHops) {
    return Fault{"--trusted-hops must be 0 to " + std::to_string(guard::kMostHops)};
  }
  return Done{};
}

}  // namespace tollgate::net
