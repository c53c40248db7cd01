#include "proxy/http/target.h"

#include <algorithm>

#include "proxy/http/characters.h"
#include "proxy/http/percent.h"

namespace tollgate::http {
namespace {

// Nothing to decode, no dot that could begin a dot segment, no character outside the grammar.
bool IsPlainPath(std::string_view path) {
  for (size_t i = 0; i < path.size(); ++i) {
    if (!Is(path[i], kPathChar)) return false;
    if (path[i] == '/' && i + 1 < path.size() && path[i + 1] == '.') return false;
  }
  return true;
}

// Drops the last segment of out[start..]; false where there is none to drop: ".." above the root.
bool DropSegment(std::string& out, size_t start) {
  if (out.size() <= start + 1) return false;
  const size_t slash = out.rfind('/', out.size() - 2);
  out.resize(std::max(slash, start) + 1);
  return true;
}

// Appends one segment, decoded and in upper-case hex; false where it is not one.
bool AppendSegment(std::string_view segment, std::string& out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < segment.size(); ++i) {
    const char c = segment[i];
    if (c != '%') {
      if (!Is(c, kPathChar)) return false;
      out += c;
      continue;
    }
    const int octet = DecodeOctet(segment.substr(i));
    if (octet <= 0) return false;  // a bad escape, or %00
    if (Is(static_cast<char>(octet), kUnreserved)) {
      out += static_cast<char>(octet);
    } else {
      out += '%';
      out += kHex[octet >> 4];
      out += kHex[octet & 15];
    }
    i += 2;
  }
  return true;
}

bool IsQuery(std::string_view query) {
  for (size_t i = 0; i < query.size(); ++i) {
    if (query[i] == '%') {
      if (DecodeOctet(query.substr(i)) <= 0) return false;
      i += 2;
    } else if (!Is(query[i], kQueryChar)) {
      return false;
    }
  }
  return true;
}

bool IsIpv6Literal(std::string_view text) {
  return text.size() >= 4 && text.front() == '[' && text.back() == ']' &&
         std::all_of(text.begin() + 1, text.end() - 1,
                     [](char c) { return Is(c, kHexDigit) || c == ':' || c == '.'; });
}

// The host of an authority, with an IPv6 address's brackets.
std::string_view HostOf(std::string_view authority) {
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? authority.substr(0, colon) : authority;
}

std::string_view ParsePathAndQuery(std::string_view text, Target& out) {
  const size_t question = text.find('?');
  const std::string_view path = text.substr(0, question);
  if (question != std::string_view::npos) {
    out.query = text.substr(question + 1);
    out.has_query = true;
    if (!IsQuery(out.query)) return "the query has an octet or escape outside RFC 3986";
  }
  if (IsPlainPath(path)) {
    out.path = path;
    return {};
  }
  const size_t start = out.storage.size();
  out.storage.reserve(start + path.size() + out.authority.size());
  if (!AppendCanonicalPath(path, out.storage)) return "the path has no canonical form";
  out.path = std::string_view(out.storage).substr(start);
  return {};
}

// "http://host/path?query": the host of the target counts, whatever Host says (RFC 9112, section 3.2.2).
std::string_view ParseAbsolute(std::string_view text, std::string_view scheme, Target& out) {
  const std::string_view rest = text.substr(scheme.size());
  out.scheme = scheme.substr(0, scheme.find(':'));
  const size_t end = rest.find_first_of("/?");
  out.authority = rest.substr(0, end);
  if (!IsAuthority(out.authority)) return "the target's authority is not a host and port";
  const std::string_view path = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  if (path.empty()) {
    out.path = "/";
    return {};
  }
  if (path.front() == '/') return ParsePathAndQuery(path, out);
  const std::string_view fault = ParsePathAndQuery(path, out);
  out.path = "/";
  return fault;
}

std::string_view ReadHost(const RequestHead& head, Target& out) {
  const Field* host = nullptr;
  for (const Field& field : head.fields) {
    if (field.known != KnownHeader::kHost) continue;
    if (host != nullptr) return "Host stands more than once";
    host = &field;
  }
  if (host == nullptr) return head.minor_version == 0 ? "" : "Host is missing";
  if (!host->value.empty() && !IsAuthority(host->value)) return "Host is not a host and port";
  out.authority = host->value;
  return {};
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return EqualsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

std::string_view ParseForm(const RequestHead& head, Target& out) {
  const std::string_view text = head.target;
  if (head.method == "CONNECT") {
    out.form = Target::Form::kAuthority;
    return IsAuthority(text) && HostOf(text) != text ? "" : "the target of CONNECT is not a host and port";
  }
  if (text == "*") {
    out.form = Target::Form::kAsterisk;
    out.path = "*";
    return head.method == "OPTIONS" ? "" : "the target \"*\" belongs to OPTIONS alone";
  }
  if (text.front() == '/') return ParsePathAndQuery(text, out);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (StartsWithIgnoringCase(text, scheme)) return ParseAbsolute(text, scheme, out);
  }
  return "the target has none of the forms of RFC 9112, section 3.2";
}

// Hosts compare without regard to case; a trailing dot names the same host.
void CanonicalizeHost(Target& out) {
  out.host = HostOf(out.authority);
  if (out.host.ends_with('.')) out.host.remove_suffix(1);
  const bool lower =
      std::none_of(out.host.begin(), out.host.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (lower) return;
  // `path` may point into the storage: it was reserved large enough, or is moved along.
  const bool path_stored = !out.storage.empty();
  const size_t start = out.storage.size();
  const size_t path_length = out.path.size();
  for (const char c : out.host) out.storage += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (path_stored) out.path = std::string_view(out.storage).substr(start - path_length, path_length);
  out.host = std::string_view(out.storage).substr(start);
}

}  // namespace

bool AppendCanonicalPath(std::string_view path, std::string& out) {
  if (path.empty() || path.front() != '/') return false;
  const size_t start = out.size();
  out += '/';
  std::string_view rest = path.substr(1);
  while (true) {
    const size_t slash = rest.find('/');
    const bool last = slash == std::string_view::npos;
    const size_t segment_start = out.size();
    if (!AppendSegment(rest.substr(0, slash), out)) return false;
    const std::string_view segment = std::string_view(out).substr(segment_start);
    if (segment == "..") {
      out.resize(segment_start);
      if (!DropSegment(out, start)) return false;
    } else if (segment == ".") {
      out.resize(segment_start);
    } else if (!last) {
      out += '/';
    }
    if (last) return true;
    rest.remove_prefix(slash + 1);
  }
}

bool IsAuthority(std::string_view text) {
  const std::string_view host = HostOf(text);
  const std::string_view port = text.substr(std::min(text.size(), host.size() + 1));
  if (host.size() < text.size() && (port.size() > 5 || !std::all_of(port.begin(), port.end(), [](char c) {
                                      return c >= '0' && c <= '9';
                                    }))) {
    return false;
  }
  if (host.empty() || host.size() > 255) return false;
  return IsIpv6Literal(host) || AllOf(host, kHostChar);
}

std::string_view ParseTarget(const RequestHead& head, Target& out) {
  if (const std::string_view fault = ReadHost(head, out); !fault.empty()) return fault;
  if (const std::string_view fault = ParseForm(head, out); !fault.empty()) return fault;
  CanonicalizeHost(out);
  return {};
}

}  // namespace tollgate::http
