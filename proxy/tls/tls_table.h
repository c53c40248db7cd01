// Under which terms the hosts of a configuration are served over TLS, for handshakes and for requests.
// Built from a catalog, then immutable; any thread may read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/io/tls.h"
#include "proxy/snapshot/catalog.h"
#include "proxy/tls/host_map.h"
#include "proxy/tls/terms_book.h"

namespace tollgate::tls {

struct HostTerms {
  // Hosts with the same one may share a connection.
  std::string identity;
  // How callers are asked for a certificate; empty: they are not.
  std::string callers;
  std::shared_ptr<const io::TlsTerms> terms;  // nullptr: no certificate can be shown
  int64_t expires = 0;                        // seconds since 1970; from then on none can
  bool redirect_plain_http = false;
};

class TlsTable {
 public:
  // `now` in seconds since 1970.
  TlsTable(const snapshot::Catalog& catalog, TermsBook& book, int64_t now);

  // nullptr: no route says anything about TLS for this host.
  const HostTerms* Find(std::string_view host) const { return hosts_.Find(host); }
  // What a handshake is made under; nullptr: it is refused.
  std::shared_ptr<const io::TlsTerms> Show(std::string_view host, int64_t now) const;
  // Whether any host leads to TLS what comes without it.
  bool redirects() const { return redirects_; }

 private:
  HostMap<HostTerms> hosts_;
  bool redirects_ = false;
};

}  // namespace tollgate::tls
