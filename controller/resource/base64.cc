#include "controller/resource/base64.h"

#include <cstdint>

namespace tollgate::resource {
namespace {

int SixBits(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// Appends the one to three bytes of a group of four characters.
bool DecodeGroup(std::string_view group, std::string& bytes) {
  size_t digits = 4;
  while (digits > 2 && group[digits - 1] == '=') --digits;
  uint32_t bits = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int value = SixBits(group[i]);
    if (value < 0) return false;
    bits |= static_cast<uint32_t>(value) << (18 - 6 * i);
  }
  const size_t count = digits - 1;
  // Bits behind the last byte would let two texts stand for the same bytes.
  if ((bits & ((1U << (24 - 8 * count)) - 1)) != 0) return false;
  for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(bits >> (16 - 8 * i) & 0xFF);
  return true;
}

}  // namespace

std::optional<std::string> FromBase64(std::string_view text) {
  std::string packed;
  for (const char c : text) {
    if (c != '\n' && c != '\r') packed += c;
  }
  if (packed.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < packed.size(); i += 4) {
    const std::string_view group = std::string_view(packed).substr(i, 4);
    const bool is_last = i + 4 == packed.size();
    if (!is_last && group.back() == '=') return std::nullopt;
    if (!DecodeGroup(group, bytes)) return std::nullopt;
  }
  return bytes;
}

}  // namespace tollgate::resource
