// The head of a request or response as slices of the buffer that it was read into: nothing is copied, and
// the buffer must stay as it is while the head is used. Plain data; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/http/known_header.h"

namespace tollgate::http {

struct Field {
  std::string_view name;   // as received
  std::string_view value;  // without the white space around it
  KnownHeader known;
};

// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers), and the three fields that earlier
// drafts had in their place: RateLimit-Limit, -Remaining, -Reset.
inline bool IsRateLimitField(const Field& field) {
  constexpr std::string_view kPrefix = "ratelimit";
  return field.known == KnownHeader::kOther &&
         EqualsIgnoringCase(field.name.substr(0, kPrefix.size()), kPrefix) &&
         (field.name.size() == kPrefix.size() || field.name[kPrefix.size()] == '-');
}

// At most kMax fields: more than any browser or proxy sends, and little enough that reading them all again
// for each stage stays cheap. One more is answered 431.
class Fields {
 public:
  static constexpr size_t kMax = 128;

  Fields() {}  // NOLINT: the array is left as it is on purpose; it is 5 KiB

  bool Add(const Field& field) {
    if (size_ == kMax) return false;
    fields_[size_++] = field;
    return true;
  }
  void Clear() { size_ = 0; }

  // Takes out the fields of which `goes` says so.
  template <class Predicate>
  void EraseIf(Predicate goes) {
    size_t kept = 0;
    for (size_t i = 0; i < size_; ++i) {
      if (!goes(fields_[i])) fields_[kept++] = fields_[i];
    }
    size_ = kept;
  }

  const Field* begin() const { return fields_.data(); }
  const Field* end() const { return fields_.data() + size_; }
  size_t size() const { return size_; }

  // The first value of a field; empty `data()` where there is none.
  const Field* Find(KnownHeader header) const {
    for (const Field& field : *this) {
      if (field.known == header) return &field;
    }
    return nullptr;
  }
  const Field* Find(std::string_view name) const {
    for (const Field& field : *this) {
      if (EqualsIgnoringCase(field.name, name)) return &field;
    }
    return nullptr;
  }
  std::string_view Value(KnownHeader header) const {
    const Field* field = Find(header);
    return field == nullptr ? std::string_view() : field->value;
  }

 private:
  union {  // no constructor runs for the slots
    std::array<Field, kMax> fields_;
  };
  size_t size_ = 0;
};

struct RequestHead {
  std::string_view method;
  std::string_view target;  // as received
  int minor_version = 1;    // of HTTP/1
  Fields fields;
  int major_version = 1;  // 2: what Http2Request made of one
};

struct ResponseHead {
  int minor_version = 1;
  int status = 0;
  std::string_view reason;
  Fields fields;
};

}  // namespace tollgate::http
