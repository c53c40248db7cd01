// Strict HTTP/1 heads (RFC 9112, sections 2 to 5): what the grammar does not allow is refused, without the
// leniency that sections 2.2 and 3 permit, since each kindness is a difference that smuggling lives on.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "proxy/http/head.h"

namespace tollgate::http {

enum class HeadStatus {
  kDone,
  kIncomplete,
  kMalformed,      // 400
  kBadVersion,     // 505: HTTP, but not a version that is spoken here
  kTooManyFields,  // 431
};

struct HeadResult {
  HeadStatus status;
  size_t length = 0;             // kDone: bytes of the head, with its empty line
  std::string_view reason = {};  // kMalformed: which rule was broken, for the log
};

// Finds the end of a head line by line, so that a line that ends wrongly is noticed when it arrives, and
// nothing is looked at twice however small the pieces are.
class HeadScanner {
 public:
  // `input` is all that has come so far. kDone: `length` bytes are a whole head.
  HeadResult Scan(std::string_view input);
  void Reset() { line_start_ = searched_ = 0; }

 private:
  size_t line_start_ = 0;
  size_t searched_ = 0;
};

// Both take exactly one whole head, as HeadScanner found it.
HeadResult ParseRequestHead(std::string_view head, RequestHead& out);
HeadResult ParseResponseHead(std::string_view head, ResponseHead& out);

// A field section without a start line: the trailers of a chunked body, with their empty line.
HeadResult ParseFields(std::string_view section, Fields& out);

// Whether text is a token (RFC 9110, section 5.6.2).
bool IsToken(std::string_view text);

}  // namespace tollgate::http
