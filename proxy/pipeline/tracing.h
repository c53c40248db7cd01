// What a request becomes in its trace: found or begun when it comes, handed on with it, written when it is
// over. One for a request; one thread.
#pragma once

#include <optional>

#include "proxy/exchange/exchange.h"
#include "proxy/exchange/request_trace.h"
#include "proxy/observe/span_exporter.h"
#include "proxy/pipeline/request_id.h"

namespace tollgate::pipeline {

// Whose word on sampling counts: the caller's where its context is sound, else the trace's own number against
// the ratio, so that all who have the same ratio decide alike.
exchange::RequestTrace BeginTrace(const http::Fields& fields, double ratio, RequestIds& ids,
                                  exchange::Arena& arena);

// Puts the context into the head that goes on (x.fields), before the rule edits it. A caller's context that
// is sound and not sampled stays as it came.
void HandOnTrace(exchange::Exchange& x);

class Tracing {
 public:
  // `exporter` is nullptr where traces are off: heads go on as they came then.
  Tracing(observe::SpanExporter* exporter, size_t core, RequestIds& ids, exchange::Exchange& x);
  // The request is over.
  void End(SteadyTime::duration took);

 private:
  observe::SpanExporter* const exporter_;
  const size_t core_;
  exchange::Exchange& x_;
  std::optional<exchange::RequestTrace> trace_;
};

}  // namespace tollgate::pipeline
