// Whether a certificate speaks for a host. Pure; any thread.
#pragma once

#include <string_view>

namespace tollgate {

// RFC 9525, section 6.3: a name is the host itself, or begins with "*.", which stands for its first label.
// Both in lower case. A host that is a wildcard itself is covered by the same wildcard.
inline bool CertificateNameCovers(std::string_view name, std::string_view host) {
  if (name == host) return true;
  if (!name.starts_with("*.") || host.starts_with("*.")) return false;
  const size_t dot = host.find('.');
  return dot != 0 && dot != std::string_view::npos && host.substr(dot) == name.substr(1);
}

}  // namespace tollgate
