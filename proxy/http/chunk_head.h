// The line before a chunk's data: its size in hexadecimal (RFC 9112, section 7.1). Pure; any thread.
#pragma once

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace tollgate::http {

// After the last chunk; there are no trailers.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
// Behind the data of a chunk that is not the last.
inline constexpr std::string_view kChunkEnd = "\r\n";
// Behind the data of the last chunk that has any.
inline constexpr std::string_view kChunkEndAndLast = "\r\n0\r\n\r\n";

class ChunkHead {
 public:
  explicit ChunkHead(size_t size) {
    const auto [end, error] = std::to_chars(text_.data(), text_.data() + kDigits, size, 16);
    std::memcpy(end, "\r\n", 2);
    length_ = static_cast<size_t>(end + 2 - text_.data());
  }
  std::string_view text() const { return {text_.data(), length_}; }

 private:
  static constexpr size_t kDigits = 16;  // of 64 bits
  std::array<char, kDigits + 2> text_;
  size_t length_;
};

}  // namespace tollgate::http
