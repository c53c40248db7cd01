// Who one end of a mutually authenticated TLS connection is and whom it trusts. Any thread.
#pragma once

#include <string>

#include "api/base/result.h"

namespace tollgate {

// PEM text. Holds a private key: never logged.
struct TlsIdentity {
  std::string certificate;  // the end's own first, then those that lead to its authority
  std::string key;          // without a passphrase
  std::string authorities;  // one or more: whose certificates the other end may show

  bool operator==(const TlsIdentity&) const = default;
};

// Whether the texts can be read and the key belongs to the certificate; the sentence says which cannot. Does
// not look at validity times: an expired certificate is for the other end to refuse.
Status<> CheckReadable(const TlsIdentity& identity);

}  // namespace tollgate
