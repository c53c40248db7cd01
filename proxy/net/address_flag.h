// Addresses as programs take them on the command line. One thread, at start.
#pragma once

#include <string>

#include "api/base/result.h"
#include "proxy/io/address.h"

namespace tollgate::net {

// `flag` without dashes, for the sentence.
inline Result<io::Address> ReadAddressFlag(const std::string& flag, const std::string& text) {
  if (const auto address = io::Address::Parse(text)) return *address;
  return Fault{"--" + flag + " \"" + text +
               "\" is no address; write an IP address and a port, such as 127.0.0.1:8080"};
}

// At least one serving thread, and no more than any machine has cores.
inline Status<> CheckThreadsFlag(unsigned threads) {
  if (threads == 0 || threads > 1024) return Fault{"--threads must be 1 to 1024"};
  return Done{};
}

}  // namespace tollgate::net
