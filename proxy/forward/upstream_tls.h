// Under which terms targets are spoken to over TLS: kept over configurations, since sessions and connections
// that were made under the same terms go on being used. Any thread; used when snapshots are built, not while
// serving.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "proxy/io/tls_client.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::forward {

using TlsTerms = std::shared_ptr<io::TlsClientTerms>;

inline bool SpeaksHttp2(api::Target::Protocol protocol) {
  return protocol == api::Target::HTTP2 || protocol == api::Target::GRPC;
}

class UpstreamTlsBook {
 public:
  // Of a target that has TLS. `certificate` is shown to the upstream; nullptr: none is. The same terms for
  // what is the same, as long as anybody has them. nullptr where OpenSSL refuses what they are made of, which
  // the log says once.
  TlsTerms Get(const api::Target& target, const snapshot::CertificateEntry* certificate);
  // Drops what nobody has any more.
  void Forget();

 private:
  struct Entry {
    std::weak_ptr<io::TlsClientTerms> terms;
    bool refused = false;
    bool used = true;  // since Forget() was called last
  };

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  // guarded by mutex_; by what they are made of
};

// The terms of a snapshot's targets. Built from a catalog, then immutable; any thread may read.
class UpstreamTlsTable {
 public:
  UpstreamTlsTable(const snapshot::Catalog& catalog, UpstreamTlsBook& book);

  // `target` is of the catalog. nullptr: in the clear; or, where it has TLS, there are no terms for it, so
  // that nothing may be sent there.
  TlsTerms Find(const api::Target& target) const;

 private:
  std::unordered_map<const api::Target*, TlsTerms> terms_;
};

}  // namespace tollgate::forward
