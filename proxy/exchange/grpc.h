// What the gateway knows of gRPC over HTTP/2: who speaks it, how long a caller waits, and how a status is
// told (grpc/doc/PROTOCOL-HTTP2.md). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/http/trailers.h"

namespace tollgate::exchange {

inline constexpr std::string_view kGrpcContentType = "application/grpc";

// Statuses that the gateway looks at, or gives without a problem (grpc/status.h).
inline constexpr int kGrpcDeadlineExceeded = 4;
inline constexpr int kGrpcUnavailable = 14;

// Whether a request is a call of gRPC: by its content type, also with a suffix ("application/grpc+proto").
// Not gRPC-Web, whose callers read a status of HTTP and whose trailers stand in the body.
bool IsGrpc(const http::Fields& fields);

// The text of a grpc-timeout as a time; nothing where it is none.
std::optional<SteadyTime::duration> ParseGrpcTimeout(std::string_view text);
// Notes until when the caller of a call waits. An Error: it says so in a way that cannot be read.
Outcome<Done> ReadGrpcDeadline(Exchange& x);

// The status in an answer's head (an answer of trailers only) or in its trailers; -1: none is there, or none
// that is a number.
int GrpcStatusIn(const http::Fields& fields);
int GrpcStatusIn(const http::Trailers& trailers);

// The value of grpc-message: what is no printable ASCII, and "%", percent-encoded.
std::string GrpcMessage(std::string_view text);

}  // namespace tollgate::exchange
