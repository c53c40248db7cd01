#include "proxy/tls/tls_table.h"

#include <algorithm>

#include "api/base/digest.h"

namespace tollgate::tls {
namespace {

// Who is asked in another way, or trusted for another authority, has not proved the same.
std::string CallersOf(const api::Tls& tls) {
  if (!tls.has_client_certificate()) return "";
  const api::ClientCertificate& asked = tls.client_certificate();
  return (asked.required() ? "required " : "requested ") + ToHex(AsBytes(Sha256(asked.authorities())));
}

io::TlsCallers AskedOf(const api::Tls& tls, const std::string& identity) {
  if (!tls.has_client_certificate()) return {};
  const api::ClientCertificate& asked = tls.client_certificate();
  return {asked.required() ? io::TlsProof::kRequired : io::TlsProof::kRequested, asked.authorities(),
          identity};
}

// What of the terms a caller's connection stands for. Not the certificates themselves, which are renewed, and
// not what concerns those who come without TLS.
std::string IdentityOf(const api::Tls& tls) {
  std::string identity = std::to_string(tls.min_version());
  for (const std::string& certificate : tls.certificates()) identity += ' ' + certificate;
  const std::string callers = CallersOf(tls);
  return callers.empty() ? identity : identity + ' ' + callers;
}

HostTerms TermsOf(std::string_view host, const api::Tls& tls, const Certificates& named, TermsBook& book,
                  int64_t now) {
  HostTerms terms;
  terms.identity = IdentityOf(tls);
  terms.callers = CallersOf(tls);
  terms.redirect_plain_http = tls.redirect_plain_http();
  const Certificates chosen = ChooseCertificates(host, named, now);
  terms.expires = LastExpiry(chosen);
  const bool older_too = tls.min_version() == api::Tls::TLS_1_2;
  if (chosen.empty()) return terms;
  terms.terms = book.Get(chosen, older_too ? io::TlsVersion::k12 : io::TlsVersion::k13, terms.identity,
                         AskedOf(tls, terms.callers));
  return terms;
}

Certificates CertificatesOf(const snapshot::Catalog& catalog, const snapshot::RouteEntry& route) {
  Certificates certificates;
  for (const snapshot::CertificateIndex index : route.certificates) {
    certificates.push_back(&catalog.certificates()[index]);
  }
  return certificates;
}

}  // namespace

TlsTable::TlsTable(const snapshot::Catalog& catalog, TermsBook& book, int64_t now) {
  for (const snapshot::RouteEntry& route : catalog.routes()) {
    if (!route.spec.has_tls()) continue;
    const api::Tls& tls = route.spec.tls();
    const Certificates named = CertificatesOf(catalog, route);
    const auto add = [&](std::string_view host) { hosts_.Add(host, TermsOf(host, tls, named, book, now)); };
    for (const std::string& host : route.spec.hosts()) add(host);
    if (route.spec.hosts().empty()) add("");
    redirects_ = redirects_ || tls.redirect_plain_http();
  }
  book.Forget();
}

std::shared_ptr<const io::TlsTerms> TlsTable::Show(std::string_view host, int64_t now) const {
  const HostTerms* const terms = hosts_.Find(host);
  return terms == nullptr || terms->expires <= now ? nullptr : terms->terms;
}

}  // namespace tollgate::tls
