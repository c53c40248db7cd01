#include "proxy/http/body_decoder.h"

#include <algorithm>
#include <utility>

#include "proxy/http/characters.h"
#include "proxy/http/percent.h"
#include "proxy/http/trailers.h"

namespace tollgate::http {
namespace {

// Sixteen hexadecimal digits fill 64 bits; fifteen leave room for sums.
constexpr uint8_t kMaxSizeDigits = 15;
// Extensions are read past, not forwarded (RFC 9112, section 7.1.1), trailers are kept; what a sender may
// make us read there in one body is bounded.
constexpr uint32_t kMaxExtraBytes = Trailers::kMaxBytes;

}  // namespace

BodyDecoder::BodyDecoder(Framing framing) : remaining_(framing.length) {
  switch (framing.kind) {
    case Framing::Kind::kNone: state_ = State::kDone; break;
    case Framing::Kind::kLength: state_ = remaining_ == 0 ? State::kDone : State::kLength; break;
    case Framing::Kind::kChunked: state_ = State::kSize; break;
    case Framing::Kind::kUntilClose: state_ = State::kUntilClose; break;
  }
}

BodyDecoder::Step BodyDecoder::TakePayload(std::string_view input, State after) {
  const size_t n = static_cast<size_t>(std::min<uint64_t>(remaining_, input.size()));
  remaining_ -= n;
  if (remaining_ == 0) state_ = after;
  return {state_ == State::kDone ? Status::kDone : Status::kMore, n, input.substr(0, n)};
}

BodyDecoder::Step BodyDecoder::Decode(std::string_view input) {
  size_t used = 0;
  while (true) {
    const std::string_view rest = input.substr(used);
    if (state_ == State::kDone) return {Status::kDone, used};
    if (state_ == State::kFailed) return {Status::kMalformed, used};
    if (rest.empty()) return {Status::kMore, used};
    if (state_ == State::kUntilClose) return {Status::kMore, input.size(), rest};
    if (state_ == State::kLength || state_ == State::kData) {
      Step step = TakePayload(rest, state_ == State::kLength ? State::kDone : State::kDataCr);
      step.consumed += used;
      return step;
    }
    if (!Advance(rest.front())) state_ = State::kFailed;
    ++used;
  }
}

bool BodyDecoder::AdvanceSize(char c) {
  if (IsBlank(c)) {
    blank_seen_ = true;
    return size_digits_ > 0 && ++extra_bytes_ <= kMaxExtraBytes;
  }
  if (Is(c, kHexDigit)) {
    if (blank_seen_ || ++size_digits_ > kMaxSizeDigits) return false;
    remaining_ = remaining_ << 4 | static_cast<uint64_t>(HexValue(c));
    return true;
  }
  return size_digits_ > 0 && EndExtensionPart(c);
}

bool BodyDecoder::EndExtensionPart(char c) {
  // Blanks are allowed around an extension, not in place of one.
  const bool blank = std::exchange(blank_seen_, false);
  token_seen_ = false;
  if (c == '\r') {
    state_ = State::kSizeLf;
    return !blank;
  }
  state_ = State::kExtensionName;
  return c == ';';
}

bool BodyDecoder::AdvanceExtension(char c) {
  if (++extra_bytes_ > kMaxExtraBytes) return false;
  if (state_ == State::kQuoted) {
    if (c == '"') state_ = State::kQuotedEnd;
    if (c == '\\') state_ = State::kQuotedPair;
    return Is(c, kFieldValueChar);
  }
  if (state_ == State::kQuotedPair) {
    state_ = State::kQuoted;
    return Is(c, kFieldValueChar);
  }
  if (IsBlank(c)) {
    blank_seen_ = token_seen_ || state_ == State::kQuotedEnd;
    return true;
  }
  if (state_ == State::kQuotedEnd) return EndExtensionPart(c);
  if (Is(c, kTokenChar)) {
    token_seen_ = true;
    return !blank_seen_;
  }
  if (state_ == State::kExtensionValue && c == '"' && !token_seen_) {
    state_ = State::kQuoted;
    return true;
  }
  if (!token_seen_) return false;
  if (state_ == State::kExtensionName && c == '=') {
    state_ = State::kExtensionValue;
    token_seen_ = blank_seen_ = false;
    return true;
  }
  return EndExtensionPart(c);
}

bool BodyDecoder::AdvanceTrailer(char c) {
  if (++extra_bytes_ > kMaxExtraBytes) return false;
  if (state_ == State::kTrailer) {
    trailer_named_ = false;
    state_ = c == '\r' ? State::kEndLf : State::kTrailerLine;
    if (c != '\r') {
      trailers_ += c;
    } else if (!trailers_.empty()) {
      trailers_ += "\r\n";
    }
    return c == '\r' || Is(c, kTokenChar);
  }
  if (c == '\r') {
    state_ = State::kTrailerLf;
    trailers_ += "\r\n";
    return trailer_named_;
  }
  trailers_ += c;
  if (!trailer_named_) {
    trailer_named_ = c == ':';
    return c == ':' || Is(c, kTokenChar);
  }
  return Is(c, kFieldValueChar);
}

bool BodyDecoder::Advance(char c) {
  switch (state_) {
    case State::kSize: return AdvanceSize(c);
    case State::kExtensionName:
    case State::kExtensionValue:
    case State::kQuoted:
    case State::kQuotedPair:
    case State::kQuotedEnd: return AdvanceExtension(c);
    case State::kSizeLf:
      state_ = remaining_ == 0 ? State::kTrailer : State::kData;
      size_digits_ = 0;
      return c == '\n';
    case State::kDataCr: state_ = State::kDataLf; return c == '\r';
    case State::kDataLf: state_ = State::kSize; return c == '\n';
    case State::kTrailer:
    case State::kTrailerLine: return AdvanceTrailer(c);
    case State::kTrailerLf: state_ = State::kTrailer; return c == '\n';
    case State::kEndLf: state_ = State::kDone; return c == '\n';
    default: return false;
  }
}

BodyDecoder::Status BodyDecoder::OnEof() {
  if (state_ == State::kUntilClose) state_ = State::kDone;
  return state_ == State::kDone ? Status::kDone : Status::kTruncated;
}

}  // namespace tollgate::http
