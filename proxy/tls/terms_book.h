// Keeps the terms of TLS over configurations: most edits concern no certificate, and reading one costs more
// than all else of its route. Any thread; used when configurations are taken over, not while serving.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "proxy/io/tls.h"
#include "proxy/tls/certificate_choice.h"

namespace tollgate::tls {

class TermsBook {
 public:
  // nullptr where the certificates cannot be shown: OpenSSL refuses them, which the log says once.
  // `callers` are part of `identity`.
  std::shared_ptr<const io::TlsTerms> Get(const Certificates& certificates, io::TlsVersion least,
                                          const std::string& identity, const io::TlsCallers& callers = {});
  // Drops what no configuration uses any more.
  void Forget();

 private:
  struct Entry {
    std::weak_ptr<const io::TlsTerms> terms;
    bool refused = false;
    bool used = true;  // since Forget() was called last
  };

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  // guarded by mutex_; by what they are made of
};

}  // namespace tollgate::tls
