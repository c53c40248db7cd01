// Memory that lives as long as one request: what stages make (header values, keys) is kept here and freed at
// once. The first 2 KiB lie in the request's own frame. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory_resource>
#include <string_view>

namespace tollgate::exchange {

class Arena {
 public:
  Arena() : resource_(inline_.data(), inline_.size()) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  char* Allocate(size_t bytes) { return static_cast<char*>(resource_.allocate(bytes, 1)); }

  // The pieces one after the other.
  std::string_view Concat(std::initializer_list<std::string_view> pieces) {
    size_t size = 0;
    for (const std::string_view piece : pieces) size += piece.size();
    char* const text = Allocate(size);
    char* at = text;
    for (const std::string_view piece : pieces) at = std::copy(piece.begin(), piece.end(), at);
    return {text, size};
  }
  std::string_view Keep(std::string_view text) { return Concat({text}); }

 private:
  std::array<char, 2048> inline_;
  std::pmr::monotonic_buffer_resource resource_;
};

}  // namespace tollgate::exchange
