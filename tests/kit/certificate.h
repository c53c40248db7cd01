// Certificates that sign themselves, for tests of TLS. Any thread.
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

// The manifest of a Secret that holds it.
std::string TlsSecret(const std::string& space, const std::string& name, const Certificate& certificate);

}  // namespace tollgate::kit
