// What the log and the metrics learn of a request besides its answer. One thread: the connection's.
#pragma once

#include "proxy/cache/response_cache.h"
#include "proxy/exchange/exchange.h"
#include "proxy/limit/limit_decision.h"
#include "proxy/observe/core_metrics.h"

namespace tollgate::pipeline {

// The connection was gone before the request was answered.
void NoteLoss(exchange::Exchange& x, exchange::Caller caller);
// What the limits came to; also for the answer's head.
void NoteDecision(exchange::Exchange& x, const limit::LimitDecision& decision, observe::CoreMetrics& metrics);
// What the cache had.
void NoteLookup(const exchange::Exchange& x, const cache::Lookup& lookup, observe::CoreMetrics& metrics);

}  // namespace tollgate::pipeline
