#include "proxy/tls/terms_book.h"

#include <iterator>
#include <utility>

#include "api/base/log.h"

namespace tollgate::tls {
namespace {

// No part can run into the next: hashes are of one length, and an identity holds no NUL.
std::string KeyOf(const Certificates& certificates, const std::string& identity) {
  std::string key = identity;
  key += '\0';
  for (const snapshot::CertificateEntry* certificate : certificates) key += certificate->hash;
  return key;
}

std::string NamesOf(const Certificates& certificates) {
  std::string names;
  for (const snapshot::CertificateEntry* certificate : certificates) {
    names += (names.empty() ? "" : ", ") + certificate->name;
  }
  return names;
}

Result<std::shared_ptr<const io::TlsTerms>> Make(const Certificates& certificates, io::TlsVersion least,
                                                 const std::string& identity, const io::TlsCallers& callers) {
  std::vector<io::TlsCertificate> texts;
  for (const snapshot::CertificateEntry* certificate : certificates) {
    texts.push_back({certificate->spec.chain(), certificate->spec.key()});
  }
  return io::MakeTlsTerms(texts, least, identity, callers);
}

}  // namespace

std::shared_ptr<const io::TlsTerms> TermsBook::Get(const Certificates& certificates, io::TlsVersion least,
                                                   const std::string& identity,
                                                   const io::TlsCallers& callers) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[KeyOf(certificates, identity)];
  entry.used = true;
  if (entry.refused) return nullptr;
  if (std::shared_ptr<const io::TlsTerms> known = entry.terms.lock()) return known;
  const auto made = Make(certificates, least, identity, callers);
  if (made.ok()) {
    entry.terms = *made;
    return *made;
  }
  entry.refused = true;
  log::Error("certificates cannot be shown, so handshakes with their hosts are refused: " +
                 made.error().message + "; issue them anew",
             {{"secrets", NamesOf(certificates)}});
  return nullptr;
}

void TermsBook::Forget() {
  const std::scoped_lock lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    const bool used = std::exchange(at->second.used, false);
    at = used || !at->second.terms.expired() ? std::next(at) : entries_.erase(at);
  }
}

}  // namespace tollgate::tls
