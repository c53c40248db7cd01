// Percent-encoding (RFC 3986, section 2.1): hexadecimal digits and the octets that they stand for. Pure; any
// thread.
#pragma once

#include <string_view>

namespace tollgate::http {

// 0 to 15, or -1 for what is no hexadecimal digit.
constexpr int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The octet of a "%XX" at the front of `text`, or -1 where none stands there.
constexpr int DecodeOctet(std::string_view text) {
  if (text.size() < 3 || text[0] != '%') return -1;
  const int high = HexValue(text[1]);
  const int low = HexValue(text[2]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

}  // namespace tollgate::http
