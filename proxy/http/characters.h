// Character classes of RFC 3986 and RFC 9110 as tables. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tollgate::http {

enum CharacterClass : uint8_t {
  kTokenChar = 1,       // RFC 9110, section 5.6.2: tchar
  kFieldValueChar = 2,  // RFC 9110, section 5.5: VCHAR, obs-text, SP, HTAB
  kUnreserved = 4,      // RFC 3986, section 2.3
  kPathChar = 8,        // RFC 3986, section 3.3: pchar without pct-encoded, and "/"
  kQueryChar = 16,      // RFC 3986, section 3.4, and the characters that browsers leave unencoded there
  kHostChar = 32,       // RFC 3986, section 3.2.2: reg-name without pct-encoded, of names that can exist
  kHexDigit = 64,
};

inline constexpr std::array<uint8_t, 256> kCharacterClasses = [] {
  std::array<uint8_t, 256> table{};
  const auto mark = [&table](std::string_view characters, int classes) {
    for (const char c : characters) table[static_cast<unsigned char>(c)] |= static_cast<uint8_t>(classes);
  };
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const std::string_view alphanumeric : {kDigits, kLetters}) {
    mark(alphanumeric, kTokenChar | kUnreserved | kPathChar | kQueryChar | kHostChar);
  }
  mark(kDigits, kHexDigit);
  mark("abcdefABCDEF", kHexDigit);
  mark("!#$%&'*+-.^_`|~", kTokenChar);
  mark("-._~", kUnreserved | kPathChar | kQueryChar);
  mark("!$&'()*+,;=:@/", kPathChar | kQueryChar);
  mark("?", kQueryChar);
  // WHATWG URL, "query percent-encode set": what a browser sends bare although RFC 3986 has no place for it.
  mark("[]|^`{}\\", kQueryChar);
  mark("-._", kHostChar);
  for (int c = 0x20; c < 0x100; ++c) {
    if (c != 0x7F) table[static_cast<size_t>(c)] |= kFieldValueChar;
  }
  table['\t'] |= kFieldValueChar;
  return table;
}();

inline bool Is(char c, int classes) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

inline bool AllOf(std::string_view text, int classes) {
  for (const char c : text) {
    if (!Is(c, classes)) return false;
  }
  return true;
}

// RFC 9110, section 5.6.3: the white space that may stand around values and list items.
inline bool IsBlank(char c) { return c == ' ' || c == '\t'; }

inline std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace tollgate::http
