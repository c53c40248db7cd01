#include "proxy/forward/failures.h"

#include <cerrno>

namespace tollgate::forward {

using exchange::Error;
using exchange::Problem;

namespace {

Error Invalid(std::string_view reason) {
  return {.problem = Problem::kUpstreamInvalid,
          .detail = "The upstream's answer is no valid HTTP.",
          .reason = reason};
}

}  // namespace

Error NoneReady(const std::string& upstream) {
  return {.problem = Problem::kUpstreamNoneReady,
          .detail = "No endpoint of the upstream is ready.",
          .reason = upstream.empty() ? "no-target" : "no-endpoint"};
}

Error NameUnresolved() {
  return {.problem = Problem::kUpstreamNoneReady,
          .detail = "The upstream's name leads to no address just now.",
          .reason = "name-unresolved"};
}

Error NotConnected(int error) {
  return {.problem = Problem::kUpstreamConnect,
          .detail = "The upstream cannot be reached.",
          .reason = error == ETIMEDOUT ? "connect-timeout"
                    : error == EPROTO  ? "no-http2"
                                       : "connect-refused"};
}

Error Refused() {
  return {.problem = Problem::kUpstreamReset,
          .detail = "The upstream takes no further request just now.",
          .reason = "refused-stream"};
}

Error NotSecured(std::string_view reason) {
  return {
      .problem = Problem::kUpstreamConnect, .detail = "The upstream cannot be reached.", .reason = reason};
}

Error NoRoom(std::string_view limit) {
  return {.problem = Problem::kOverloaded,
          .detail = "The upstream has no room for another request just now.",
          .reason = limit,
          .retry_after = std::chrono::seconds(1)};
}

Error TimeIsOver() {
  return {.problem = Problem::kUpstreamTimeout,
          .detail = "The upstream did not answer in time.",
          .reason = "total-timeout"};
}

Error DeadlineIsOver() {
  return {.problem = Problem::kUpstreamTimeout,
          .detail = "The call's grpc-timeout passed before its end.",
          .reason = "grpc-timeout"};
}

Error TryIsOver() {
  return {.problem = Problem::kUpstreamTimeout,
          .detail = "The upstream did not begin to answer in time.",
          .reason = "try-timeout"};
}

Error HeadError(const http::HeadRead& read) {
  using Status = http::HeadRead::Status;
  switch (read.status) {
    case Status::kTimeout:
      return {.problem = Problem::kUpstreamTimeout,
              .detail = "The upstream did not begin to answer in time.",
              .reason = "first-byte-timeout"};
    case Status::kMalformed:
    case Status::kTooLarge: return Invalid(read.reason.empty() ? "answer-head-too-large" : read.reason);
    default:
      return {.problem = Problem::kUpstreamReset,
              .detail = "The upstream closed the connection before it answered.",
              .reason = "closed-before-answer"};
  }
}

Error HeadInvalid(const http::HeadResult& parsed, const http::FramingResult& framing) {
  if (!parsed.reason.empty()) return Invalid(parsed.reason);
  if (parsed.status == http::HeadStatus::kTooManyFields) return Invalid("answer-too-many-fields");
  return Invalid(framing.reason);
}

Error TooManyInterims() { return Invalid("too-many-interim-answers"); }

Error BodyInvalid() { return Invalid("answer-body-malformed"); }

Error BodyError(const http::BodyPiece& piece) {
  const bool malformed = piece.status == http::BodyPiece::Status::kMalformed;
  return {
      .problem = Problem::kBadRequest,
      .detail = malformed ? "The request body's chunks are malformed." : "The request body did not arrive.",
      .reason = malformed ? "body-malformed" : "body-cut"};
}

}  // namespace tollgate::forward
