// Where a proxy's certificate lies: mounted files that are replaced while it runs. Any thread.
#pragma once

#include <string>

#include "api/base/result.h"
#include "api/base/tls_identity.h"

namespace tollgate::snapshot {

// Paths of PEM files.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string authorities;

  // Reads all three now. Those of two generations, read while they are being replaced, do not fit together
  // and are refused like any other that cannot be used: try again.
  Result<TlsIdentity> Read() const;
};

}  // namespace tollgate::snapshot
