// The fields behind a body (RFC 9110, section 6.5): of those that came, the ones that may be handed on. They
// own their text. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::http {

class Trailers {
 public:
  struct Line {
    std::string name;
    std::string value;
  };
  // gRPC sends two or three, signatures and checksums one each.
  static constexpr size_t kMaxFields = 64;
  // The same bound as that of what is read past in a chunked body.
  static constexpr size_t kMaxBytes = 16 * 1024;

  // Takes a field that came; one that may not stand behind a body stays behind. False: there are too many,
  // or they are too large.
  bool Add(std::string_view name, std::string_view value);

  bool empty() const { return lines_.empty(); }
  std::vector<Line>::const_iterator begin() const { return lines_.begin(); }
  std::vector<Line>::const_iterator end() const { return lines_.end(); }

 private:
  std::vector<Line> lines_;
  size_t came_ = 0;  // fields, also those that stay behind
  size_t bytes_ = 0;
};

// Whether a field may be a trailer: none that says how a message is framed, routed, authenticated, or
// processed, whose reader may have acted on the head already (RFC 9110, section 6.5.1), nor one that the
// gateway writes itself.
bool MayBeTrailer(std::string_view name);

// Reads the text of a chunked body's trailers, with its empty line, as ParseFields takes it. False: it is
// malformed, or there are too many.
bool ParseTrailers(std::string_view section, Trailers& out);

// The end of a chunked body with trailers (RFC 9112, section 7.1.2).
std::string LastChunkWith(const Trailers& trailers);

}  // namespace tollgate::http
