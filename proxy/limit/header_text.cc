#include "proxy/limit/header_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tollgate::limit {
namespace {

// The largest integer of a structured field (RFC 9651 section 3.3.1).
constexpr uint64_t kMaxInteger = 999'999'999'999'999;

}  // namespace

std::string HeaderString(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c >= 0x20 && c < 0x7f ? c : '_';
  }
  return text + '"';
}

void HeaderList::Put(std::string_view text) {
  std::memcpy(end_, text.data(), text.size());
  end_ += text.size();
}

void HeaderList::PutParameter(char key, uint64_t value) {
  *end_++ = ';';
  *end_++ = key;
  *end_++ = '=';
  end_ = std::to_chars(end_, end_ + 15, std::min(value, kMaxInteger)).ptr;
}

void HeaderList::Add(std::string_view name, char key_a, uint64_t a, char key_b, uint64_t b) {
  if (end_ != begin_) Put(", ");
  Put(name);
  PutParameter(key_a, a);
  PutParameter(key_b, b);
}

}  // namespace tollgate::limit
