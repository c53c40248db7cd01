// Writes heads into a buffer that is sent in one piece. Pure; one thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace tollgate::http {

// A growing head. The caller guarantees that names are tokens and values field values: they come from parsed
// heads, from the configuration, which is checked when it is read, or from numbers.
class HeadWriter {
 public:
  // `out` is cleared and keeps its capacity: in steady state nothing is allocated.
  explicit HeadWriter(std::string& out) : out_(out) { out_.clear(); }

  void RequestLine(std::string_view method, std::string_view path, std::string_view query, bool has_query) {
    out_.append(method).append(" ").append(path);
    if (has_query) out_.append("?").append(query);
    out_.append(" HTTP/1.1\r\n");
  }
  void StatusLine(int status, std::string_view reason) {
    out_.append("HTTP/1.1 ");
    Number(static_cast<uint64_t>(status));
    out_.append(" ").append(reason).append("\r\n");
  }
  void Field(std::string_view name, std::string_view value) {
    out_.append(name).append(": ").append(value).append("\r\n");
  }
  void Field(std::string_view name, uint64_t value) {
    out_.append(name).append(": ");
    Number(value);
    out_.append("\r\n");
  }
  void End() { out_.append("\r\n"); }

  std::string_view text() const { return out_; }

 private:
  void Number(uint64_t value) {
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    out_.append(digits, static_cast<size_t>(end - digits));
  }

  std::string& out_;
};

// The reason phrase of a status code (RFC 9110, section 15; RFC 6585; RFC 8297); "Unknown" where it has none.
std::string_view ReasonPhrase(int status);

// An IMF-fixdate (RFC 9110, section 5.6.7) of seconds since 1970, and back. The two obsolete forms are read
// too.
std::string FormatHttpDate(int64_t seconds);
bool ParseHttpDate(std::string_view text, int64_t& seconds);

}  // namespace tollgate::http
