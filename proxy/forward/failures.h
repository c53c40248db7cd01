// What a caller is told when an upstream fails, or when his own body does: each with the reason that the log
// has for it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "proxy/exchange/error.h"
#include "proxy/http/framing.h"
#include "proxy/http/head_parser.h"
#include "proxy/http/message_reader.h"

namespace tollgate::forward {

// `upstream`: whose endpoints there are none of; empty: there is no target.
exchange::Error NoneReady(const std::string& upstream);
// The target's name leads to no address.
exchange::Error NameUnresolved();
// `error`: the errno of the attempt; EPROTO: it was made, and HTTP/2 is not spoken there.
exchange::Error NotConnected(int error);
// `reason`: how its TLS failed.
exchange::Error NotSecured(std::string_view reason);
// The upstream has said that it did not look at the request.
exchange::Error Refused();
// No connection may be made to the endpoint; `limit` says which of the rule's limits that is.
exchange::Error NoRoom(std::string_view limit);
// The rule's timeouts.total has passed.
exchange::Error TimeIsOver();
// The caller's grpc-timeout has passed.
exchange::Error DeadlineIsOver();
// The rule's retry.perTryTimeout has passed.
exchange::Error TryIsOver();
// No head came.
exchange::Error HeadError(const http::HeadRead& read);
// A head came that is none.
exchange::Error HeadInvalid(const http::HeadResult& parsed, const http::FramingResult& framing);
exchange::Error BodyInvalid();
// Interim answers that do not end.
exchange::Error TooManyInterims();
// Of the caller's body.
exchange::Error BodyError(const http::BodyPiece& piece);

}  // namespace tollgate::forward
