// From an Error to what the caller receives: the one place that does (RFC 9457). Pure; any thread.
#pragma once

#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"

namespace tollgate::pipeline {

// Fills the answer's head and returns its body, in the form that the route wants; both live in the exchange.
// A call of gRPC is answered with a status of gRPC, in trailers alone, whatever the route wants.
std::string_view MakeProblem(const exchange::Error& error, exchange::Exchange& x, exchange::Answer& answer);

}  // namespace tollgate::pipeline
