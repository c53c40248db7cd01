// SHA-256, hexadecimal and constant-time comparison, over OpenSSL. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

using Sha256Digest = std::array<uint8_t, 32>;

// The SHA-256 of bytes. Keeps one context a thread: OpenSSL 3 looks the algorithm up at each one-shot call.
Sha256Digest Sha256(std::string_view bytes);

std::string ToHex(std::string_view bytes);
// Nothing where the text has an odd length or a character that is no hexadecimal digit.
std::optional<std::string> FromHex(std::string_view hex);
std::optional<Sha256Digest> Sha256FromHex(std::string_view hex);

inline std::string_view AsBytes(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Takes the same time whatever the contents; lengths may be told apart.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace tollgate
