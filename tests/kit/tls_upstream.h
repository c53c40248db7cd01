// An upstream over TLS by Python's ssl, not our own code, which says in its answers what it saw.
#pragma once

#include <memory>
#include <string>

#include "tests/kit/certificate.h"
#include "tests/kit/process.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::kit {

class TlsUpstream {
 public:
  // Proves itself by `own`. With `clients`, callers have to show a certificate that it has signed.
  explicit TlsUpstream(const Certificate& own, const Certificate& clients = {});

  int port() const { return port_; }

 private:
  TempFolder folder_;
  std::unique_ptr<Process> process_;
  int port_ = 0;
};

}  // namespace tollgate::kit
