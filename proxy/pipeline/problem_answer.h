// From an Error to what the caller receives: the one place that does (RFC 9457). Pure; any thread.
#pragma once

#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/exchange/arena.h"
#include "proxy/exchange/error.h"

namespace tollgate::pipeline {

// Fills the answer's head and returns its body; both live in the arena.
std::string_view MakeProblem(const exchange::Error& error, std::string_view request_id,
                             exchange::Arena& arena, exchange::Answer& answer);

}  // namespace tollgate::pipeline
