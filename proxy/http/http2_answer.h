// An answer's head as HTTP/2 brings it (RFC 9113, section 8.3.2), made into the form that the stages know.
// One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/framing.h"
#include "proxy/http/head.h"

namespace tollgate::http {

class Http2Answer {
 public:
  Http2Answer() { text_.reserve(512); }
  Http2Answer(const Http2Answer&) = delete;  // the head slices the text
  Http2Answer& operator=(const Http2Answer&) = delete;

  // One field, as it came; the grammar of both has been checked.
  void Add(std::string_view name, std::string_view value);
  // All fields have come; `ended`: no body follows. Fills what is below.
  void Finish(bool ended);

  const ResponseHead& head() const { return head_; }
  const Framing& framing() const { return framing_; }
  // An answer before the final one (RFC 9110, section 15.2).
  bool interim() const { return head_.status < 200; }
  // It has more bytes than a head of HTTP/1 may have, or more fields than an answer.
  bool too_large() const { return too_large_; }

 private:
  struct Place {
    uint32_t name;
    uint32_t value;
    uint32_t end;
  };

  std::string text_;
  std::vector<Place> fields_;  // slices are made when nothing moves any more
  ResponseHead head_;
  Framing framing_;
  bool too_large_ = false;
};

}  // namespace tollgate::http
