// Takes a body out of the bytes that carry it: by length, by chunks (RFC 9112, section 7.1), or up to the end
// of the connection. Pure state machine over slices; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/framing.h"

namespace tollgate::http {

class BodyDecoder {
 public:
  enum class Status {
    kMore,       // go on with the input that is left, or with more
    kDone,       // the body has ended
    kMalformed,  // the chunks are not as the grammar says
    kTruncated,  // the connection ended inside the body
  };
  struct Step {
    Status status = Status::kMore;
    size_t consumed = 0;            // bytes of the input that are used up
    std::string_view payload = {};  // slice of the input: content
  };

  BodyDecoder() = default;
  explicit BodyDecoder(Framing framing);

  // Takes what it can: at most one run of payload a step.
  Step Decode(std::string_view input);

  // The connection has ended: kDone where that is how the body ends, else kTruncated.
  Status OnEof();

  bool done() const { return state_ == State::kDone; }
  // The trailers of a body that is done, as ParseFields takes them; empty: there were none.
  std::string_view trailers() const { return trailers_; }

 private:
  enum class State : uint8_t {
    kLength,
    kUntilClose,
    kSize,            // hexadecimal digits of a chunk's size
    kExtensionName,   // after ";": optional blanks, then a token (RFC 9112, section 7.1.1)
    kExtensionValue,  // after "=": a token or a quoted string
    kQuoted,
    kQuotedPair,
    kQuotedEnd,
    kSizeLf,  // LF after the size line's CR
    kData,
    kDataCr,  // CRLF after a chunk's data
    kDataLf,
    kTrailer,      // at the start of a trailer line or of the last empty line
    kTrailerLine,  // inside a trailer line
    kTrailerLf,
    kEndLf,
    kDone,
    kFailed,
  };

  Step TakePayload(std::string_view input, State after);
  // Steps over one byte of the chunks' structure; false where it does not belong there.
  bool Advance(char c);
  bool AdvanceSize(char c);
  bool AdvanceExtension(char c);
  bool EndExtensionPart(char c);
  bool AdvanceTrailer(char c);

  State state_ = State::kDone;
  uint64_t remaining_ = 0;
  uint8_t size_digits_ = 0;
  bool token_seen_ = false;     // of the extension part that is being read
  bool blank_seen_ = false;     // after that token, a quoted string or the size
  bool trailer_named_ = false;  // the trailer line's colon has been seen
  uint32_t extra_bytes_ = 0;    // extensions and trailers so far
  std::string trailers_;        // as they came
};

}  // namespace tollgate::http
