#include "api/base/json_text.h"

#include <cstdint>

namespace tollgate {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The length of the well-formed UTF-8 sequence that begins at `i` (Unicode 15, table 3-7), or 0.
size_t Utf8Length(std::string_view text, size_t i) {
  const auto byte = [&](size_t at) -> uint8_t {
    return at < text.size() ? static_cast<uint8_t>(text[at]) : 0;
  };
  const auto continues = [&](size_t at) { return (byte(at) & 0xC0) == 0x80; };
  const uint8_t lead = byte(i);
  const uint8_t second = byte(i + 1);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(i + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (lead == 0xE0 && second < 0xA0) return 0;   // overlong
    if (lead == 0xED && second >= 0xA0) return 0;  // surrogates
    return continues(i + 1) && continues(i + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (lead == 0xF0 && second < 0x90) return 0;   // overlong
    if (lead == 0xF4 && second >= 0x90) return 0;  // above U+10FFFF
    return continues(i + 1) && continues(i + 2) && continues(i + 3) ? 4 : 0;
  }
  return 0;
}

void AppendAscii(unsigned char c, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (c >= 0x20 && c != 0x7F) {
    out += static_cast<char>(c);
    return;
  }
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

bool IsPlain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace

void AppendJsonEscaped(std::string_view text, std::string& out) {
  size_t i = 0;
  while (i < text.size()) {
    size_t plain = i;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    out.append(text, i, plain - i);
    if ((i = plain) == text.size()) return;
    const size_t length = Utf8Length(text, i);
    if (length == 0) out += kReplacement;
    if (length == 1) AppendAscii(static_cast<unsigned char>(text[i]), out);
    if (length > 1) out.append(text, i, length);
    i += length == 0 ? 1 : length;
  }
}

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  AppendJsonEscaped(text, out);
  out += '"';
}

}  // namespace tollgate
