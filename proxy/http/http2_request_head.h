// The head of a request that is sent over HTTP/2: its fields in the order in which they are written. Takes
// the calls of a HeadWriter. One thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::http {

class Http2RequestHead {
 public:
  Http2RequestHead() {
    text_.reserve(1536);
    fields_.reserve(32);
  }

  // RFC 9113, section 8.3.1.
  void Begin(std::string_view method, std::string_view scheme, std::string_view authority,
             std::string_view path, std::string_view query, bool has_query) {
    Field(":method", method);
    Field(":scheme", scheme);
    Field(":authority", authority);
    Field(":path", path);
    if (!has_query) return;
    text_.append("?").append(query);
    fields_.back().value += static_cast<uint32_t>(1 + query.size());
  }
  void Field(std::string_view name, std::string_view value) {
    // Names are in lower case here (section 8.2).
    for (const char c : name) text_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    text_ += value;
    fields_.push_back({static_cast<uint32_t>(name.size()), static_cast<uint32_t>(value.size())});
  }
  void Field(std::string_view name, uint64_t value) {
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    Field(name, std::string_view(digits, static_cast<size_t>(end - digits)));
  }

  // Calls each(name, value) for every field.
  template <class Each>
  void ForEach(Each each) const {
    std::string_view rest = text_;
    for (const Sizes& sizes : fields_) {
      each(rest.substr(0, sizes.name), rest.substr(sizes.name, sizes.value));
      rest.remove_prefix(sizes.name + sizes.value);
    }
  }

 private:
  struct Sizes {
    uint32_t name;
    uint32_t value;
  };
  std::string text_;
  std::vector<Sizes> fields_;
};

}  // namespace tollgate::http
