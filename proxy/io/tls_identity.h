// Whom the certificate of a caller proves. Plain data; any thread.
#pragma once

#include <string>
#include <vector>

namespace tollgate::io {

struct TlsCaller {
  std::string subject;             // RFC 4514
  std::vector<std::string> names;  // alternative ones, by their kinds: "DNS:…", "URI:…", "email:…"
  std::string sha256;              // of the certificate, hexadecimal
};

}  // namespace tollgate::io
