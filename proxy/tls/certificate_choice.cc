#include "proxy/tls/certificate_choice.h"

#include <algorithm>

#include "api/base/certificate_name.h"

namespace tollgate::tls {
namespace {

bool Covers(const api::Certificate& certificate, std::string_view host) {
  return std::any_of(certificate.names().begin(), certificate.names().end(),
                     [&](const std::string& name) { return CertificateNameCovers(name, host); });
}

}  // namespace

Certificates ChooseCertificates(std::string_view host, const Certificates& named, int64_t now) {
  for (const bool may_have_expired : {false, true}) {
    Certificates alive;
    Certificates covering;
    for (const snapshot::CertificateEntry* certificate : named) {
      if (!may_have_expired && certificate->spec.expires() <= now) continue;
      alive.push_back(certificate);
      if (Covers(certificate->spec, host)) covering.push_back(certificate);
    }
    if (!covering.empty()) return covering;
    if (!alive.empty()) return {alive.front()};
  }
  return {};
}

int64_t LastExpiry(const Certificates& certificates) {
  int64_t last = 0;
  for (const snapshot::CertificateEntry* certificate : certificates) {
    last = std::max<int64_t>(last, certificate->spec.expires());
  }
  return last;
}

}  // namespace tollgate::tls
