// Names of headers, parameters or cookies at which some plan reads keys. Built once, then immutable; any
// thread may read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

namespace tollgate::auth {

class PlaceNames {
 public:
  // A name is at most 63 characters; a header's is given in lower case.
  void Add(const std::string& name) {
    names_.insert(name);
    lengths_ |= LengthBit(name.size());
  }

  bool empty() const { return names_.empty(); }

  bool Contains(std::string_view name) const {
    // Nearly every name in a request is told apart by its length.
    return (lengths_ & LengthBit(name.size())) != 0 && names_.contains(name);
  }
  // The same without regard to case.
  bool ContainsHeader(std::string_view name) const;

 private:
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  static uint64_t LengthBit(size_t length) { return length < 64 ? uint64_t{1} << length : 1; }

  std::unordered_set<std::string, TextHash, std::equal_to<>> names_;
  uint64_t lengths_ = 0;
};

}  // namespace tollgate::auth
