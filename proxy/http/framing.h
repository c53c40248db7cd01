// How long a message's body is (RFC 9112, section 6), by one rule without alternatives. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/http/head.h"

namespace tollgate::http {

struct Framing {
  enum class Kind {
    kNone,
    kLength,      // exactly `length` bytes
    kChunked,     // chunked transfer coding
    kUntilClose,  // responses only
  };
  Kind kind = Kind::kNone;
  uint64_t length = 0;

  bool has_body() const { return kind != Kind::kNone; }
};

enum class FramingStatus {
  kDone,
  kMalformed,     // 400: contradictory or unreadable
  kUnknownCoding  // 501: a transfer coding that is not spoken here (section 6.1)
};

struct FramingResult {
  FramingStatus status;
  Framing framing = {};
  std::string_view reason = {};
};

// Refused besides what the grammar forbids: Content-Length beside Transfer-Encoding, more than one of either
// (also an equal list such as "5, 5"), Transfer-Encoding in HTTP/1.0. Section 6.3 lets a server guess there;
// a proxy that guesses differently from the next one is how requests are smuggled.
FramingResult RequestFraming(const RequestHead& head);

// `request_method` decides whether HEAD's answer has a body. Answers 1xx, 204 and 304 have none.
FramingResult ResponseFraming(const ResponseHead& head, std::string_view request_method);

// Whether the message's sender keeps the connection open after it (section 9.3).
bool KeepsAlive(int minor_version, const Fields& fields);

// Whether a request's sender takes trailers behind the answer's body (RFC 9110, section 10.1.4).
bool TakesTrailers(const Fields& fields);

// Whether a list field ("a, b") has the token, without regard to case.
bool ListContains(std::string_view list, std::string_view token);

}  // namespace tollgate::http
