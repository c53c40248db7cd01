// Certificates that sign themselves, and authorities that sign others, for tests of TLS. Any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tollgate::kit {

// PEM texts.
struct Certificate {
  std::string chain;
  std::string key;
};

enum class KeyKind { kEcdsa, kRsa, kWeakRsa };

// Valid from a day ago on; `lives` may be negative.
Certificate MakeCertificate(const std::vector<std::string>& names, KeyKind kind = KeyKind::kEcdsa,
                            std::chrono::seconds lives = std::chrono::hours(24));

Certificate MakeAuthority(const std::string& common_name);
// Signed by an authority; for servers and clients.
Certificate Issue(const Certificate& authority, const std::string& common_name,
                  const std::vector<std::string>& names, std::chrono::seconds lives = std::chrono::hours(24));

// The manifest of a Secret that holds it, and those that it trusts.
std::string TlsSecret(const std::string& space, const std::string& name, const Certificate& certificate,
                      const std::string& authorities = "");
// The manifest of a ConfigMap that holds an authority's certificate.
std::string AuthorityMap(const std::string& space, const std::string& name, const Certificate& authority);

}  // namespace tollgate::kit
