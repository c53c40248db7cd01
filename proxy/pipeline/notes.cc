#include "proxy/pipeline/notes.h"

#include "proxy/exchange/problem.h"

namespace tollgate::pipeline {

using cache::Lookup;
using exchange::Exchange;
using observe::Counter;

// 499 is the code that nginx made usual for a caller who left.
void NoteLoss(Exchange& x, exchange::Caller caller) {
  x.source = exchange::Source::kGateway;
  x.reason = ReasonOf(caller);
  x.status = 499;
  if (caller != exchange::Caller::kCut) return;
  const exchange::ProblemRow& row = exchange::RowOf(exchange::Problem::kDraining);
  x.problem = row.slug;
  x.status = row.status;
}

void NoteDecision(Exchange& x, const limit::LimitDecision& decision, observe::CoreMetrics& metrics) {
  if (!decision.limited) return;
  x.rate_limit = decision.rate_limit;
  x.rate_limit_policy = decision.rate_limit_policy;
  x.verdict = decision.verdict;
  x.store_time = decision.store_time;
  x.charged = decision.charged;
  x.store_outage = decision.outage;
  const std::string_view plan = x.identity.plan == nullptr ? std::string_view() : x.identity.plan->name;
  metrics.Count(Counter::kLimitDecisions, {plan, decision.refused_by, decision.verdict});
  if (!decision.outage.empty()) metrics.Count(Counter::kOutageDecisions, {plan, decision.outage});
  if (decision.store_wait.count() > 0) metrics.ObserveStore(observe::Store::kLimits, decision.store_wait);
}

void NoteLookup(const Exchange& x, const Lookup& lookup, observe::CoreMetrics& metrics) {
  const std::string_view route = x.routed->route->name;
  const bool asked_shared = lookup.shared_result != cache::SharedResult::kNotAsked;
  const bool hit = lookup.kind == Lookup::Kind::kHit && !asked_shared;
  const bool bypass = lookup.kind == Lookup::Kind::kBypass;
  metrics.Count(Counter::kCacheLookups, {route, "memory", hit ? "hit" : bypass ? "bypass" : "miss"});
  if (!asked_shared) return;
  metrics.Count(Counter::kCacheLookups, {route, "shared", cache::TextOf(lookup.shared_result)});
  if (lookup.shared_took.count() > 0) metrics.ObserveStore(observe::Store::kCache, lookup.shared_took);
}

}  // namespace tollgate::pipeline
