// What a rule answers in place of an upstream: a redirect, or an answer that is written in the rule. Pure;
// any thread.
#pragma once

#include <string_view>

#include "proxy/exchange/answer.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"
#include "proxy/exchange/path_rewrite.h"

namespace tollgate::answer {

inline bool HasOwnAnswer(const api::Rule& rule) { return rule.answer_case() != api::Rule::ANSWER_NOT_SET; }

// Fills the head of the answer of the rule that the exchange is routed to, and returns the body, a slice of
// the catalog. What a redirect keeps of the query is the exchange's: credentials have been taken out of it.
exchange::Outcome<std::string_view> MakeOwnAnswer(exchange::Exchange& x,
                                                  const exchange::PathRewrites& rewrites,
                                                  exchange::Answer& answer);

}  // namespace tollgate::answer
