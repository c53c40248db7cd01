// What of a head describes one connection and stays behind (RFC 9110, section 7.6.1). Pure; any thread.
#pragma once

#include <string_view>

#include "proxy/http/framing.h"
#include "proxy/http/head.h"

namespace tollgate::http {

// The fields of a head that are named in its Connection fields, besides the well-known ones.
class ConnectionOptions {
 public:
  explicit ConnectionOptions(const Fields& fields) : fields_(fields) {
    for (const Field& field : fields) {
      if (field.known == KnownHeader::kConnection && !IsPlain(field.value)) listed_ = true;
    }
  }

  // Whether a field belongs to this connection alone.
  bool Names(const Field& field) const {
    if (IsHopByHop(field.known)) return true;
    if (!listed_) return false;
    for (const Field& options : fields_) {
      if (options.known == KnownHeader::kConnection && ListContains(options.value, field.name)) return true;
    }
    return false;
  }

 private:
  // By far the most frequent values name no field.
  static bool IsPlain(std::string_view value) {
    return EqualsIgnoringCase(value, "keep-alive") || EqualsIgnoringCase(value, "close");
  }

  const Fields& fields_;
  bool listed_ = false;
};

}  // namespace tollgate::http
