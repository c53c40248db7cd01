#include "controller/compile/canonical_path.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tollgate::compile {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 3986, section 2.3.
bool IsUnreserved(char c) {
  return IsAlphanumeric(c) || std::string_view("-._~").find(c) != std::string::npos;
}

// RFC 3986, section 3.3: pchar without the encoded ones, and the slash between segments.
bool MayStandInPath(char c) {
  return IsUnreserved(c) || std::string_view("!$&'()*+,;=:@/").find(c) != std::string::npos;
}

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// The octet that the triplet at the front of `text` stands for.
std::optional<int> EncodedOctet(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const std::optional<int> high = HexDigit(text[1]);
  const std::optional<int> low = HexDigit(text[2]);
  if (!high || !low) return std::nullopt;
  return *high * 16 + *low;
}

void AppendOctet(int octet, std::string& out) {
  if (IsUnreserved(static_cast<char>(octet))) {
    out += static_cast<char>(octet);
    return;
  }
  out += '%';
  out += kUpperHex[static_cast<size_t>(octet / 16)];
  out += kUpperHex[static_cast<size_t>(octet % 16)];
}

Fault NoCanonicalForm(std::string_view path, const std::string& reason) {
  return {"the path \"" + std::string(path) + "\" " + reason};
}

// The sentence stays UTF-8, as whatever is put in a status or a snapshot must, so no single octet of a longer
// character is shown.
std::string MayNotStand(char c) {
  if (c <= ' ' || c > '~') return "has a blank or a character outside ASCII: percent-encode it";
  return std::string("has the character '") + c + "', which no path may have: percent-encode it";
}

// Nothing where the octets are appended to `out`; else what is wrong with them.
std::optional<std::string> AppendOctets(std::string_view octets, std::string& out) {
  for (size_t at = 0; at < octets.size(); ++at) {
    if (octets[at] != '%') {
      if (!MayStandInPath(octets[at])) return MayNotStand(octets[at]);
      out += octets[at];
      continue;
    }
    const std::optional<int> octet = EncodedOctet(octets.substr(at));
    if (!octet) return "has a '%' without two hexadecimal digits: write %25 for the character itself";
    if (*octet == 0) return "has %00, which is refused in every request: take it out";
    AppendOctet(*octet, out);
    at += 2;
  }
  return std::nullopt;
}

bool HasDotSegment(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return false;
}

Result<std::string> WithoutDotSegments(std::string canonical, std::string_view path) {
  if (HasDotSegment(canonical)) {
    return NoCanonicalForm(path, "has a \".\" or \"..\" segment: write the path that it leads to");
  }
  return canonical;
}

}  // namespace

Result<std::string> CanonicalPath(std::string_view path) {
  std::string canonical;
  if (const auto reason = AppendOctets(path, canonical)) return NoCanonicalForm(path, *reason);
  return WithoutDotSegments(std::move(canonical), path);
}

Result<std::string> CanonicalTemplate(std::string_view path) {
  std::string canonical;
  for (std::string_view rest = path; !rest.empty();) {
    const size_t open = std::min(rest.find('{'), rest.size());
    if (const auto reason = AppendOctets(rest.substr(0, open), canonical))
      return NoCanonicalForm(path, *reason);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const size_t close = rest.find('}');
    if (close == std::string_view::npos) return NoCanonicalForm(path, "has a '{' without its '}'");
    canonical += rest.substr(0, close + 1);
    rest.remove_prefix(close + 1);
  }
  return WithoutDotSegments(std::move(canonical), path);
}

}  // namespace tollgate::compile
