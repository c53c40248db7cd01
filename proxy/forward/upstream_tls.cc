#include "proxy/forward/upstream_tls.h"

#include <iterator>
#include <utility>

#include "api/base/digest.h"
#include "api/base/log.h"

namespace tollgate::forward {
namespace {

// No part can run into the next: digests are of one length.
std::string KeyOf(const api::Target& target, const snapshot::CertificateEntry* certificate) {
  const api::UpstreamTls& tls = target.tls();
  std::string key(AsBytes(Sha256(tls.authorities())));
  key += SpeaksHttp2(target.protocol()) ? '2' : '1';
  key += tls.server_name();
  if (certificate != nullptr) key.append(1, '\0').append(certificate->hash);
  return key;
}

Result<TlsTerms> Make(const api::Target& target, const snapshot::CertificateEntry* certificate) {
  const api::UpstreamTls& tls = target.tls();
  io::TlsClientOptions options{tls.authorities(), tls.server_name(), {}, SpeaksHttp2(target.protocol())};
  if (certificate != nullptr) options.certificate = {certificate->spec.chain(), certificate->spec.key()};
  return io::MakeTlsClientTerms(options);
}

}  // namespace

TlsTerms UpstreamTlsBook::Get(const api::Target& target, const snapshot::CertificateEntry* certificate) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[KeyOf(target, certificate)];
  entry.used = true;
  if (entry.refused) return nullptr;
  if (TlsTerms known = entry.terms.lock()) return known;
  Result<TlsTerms> made = Make(target, certificate);
  if (made.ok()) {
    entry.terms = *made;
    return *std::move(made);
  }
  entry.refused = true;
  log::Error(
      "an upstream cannot be spoken to over TLS, so requests to it are refused: " + made.error().message +
          "; issue its certificates anew",
      {{"serverName", target.tls().server_name()}, {"clientCertificate", target.tls().client_certificate()}});
  return nullptr;
}

void UpstreamTlsBook::Forget() {
  const std::scoped_lock lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    const bool used = std::exchange(at->second.used, false);
    at = used || !at->second.terms.expired() ? std::next(at) : entries_.erase(at);
  }
}

UpstreamTlsTable::UpstreamTlsTable(const snapshot::Catalog& catalog, UpstreamTlsBook& book) {
  std::unordered_map<std::string_view, const snapshot::CertificateEntry*> certificates;
  for (const snapshot::CertificateEntry& entry : catalog.certificates()) {
    certificates.emplace(entry.name, &entry);
  }
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    for (const api::Target& target : rule.spec->targets()) {
      if (!target.has_tls()) continue;
      const std::string& shown = target.tls().client_certificate();
      terms_.emplace(&target, book.Get(target, shown.empty() ? nullptr : certificates.at(shown)));
    }
  }
}

TlsTerms UpstreamTlsTable::Find(const api::Target& target) const {
  const auto found = terms_.find(&target);
  return found == terms_.end() ? nullptr : found->second;
}

}  // namespace tollgate::forward
