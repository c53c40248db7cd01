#include "proxy/pipeline/tracing.h"

#include <algorithm>
#include <cmath>

namespace tollgate::pipeline {
namespace {

using exchange::RequestTrace;
using http::EqualsIgnoringCase;

// The last 14 digits are random in whoever's trace (W3C Trace Context, section 3.2.2.3): 56 bits.
constexpr size_t kRandomDigits = 14;

uint64_t NumberOf(std::string_view hex) {
  uint64_t number = 0;
  for (const char c : hex) number = number << 4 | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return number;
}

// Lines of one field are one list (RFC 9110, section 5.3).
std::string_view StateOf(const http::Fields& fields, exchange::Arena& arena) {
  std::string state;
  for (const http::Field& field : fields) {
    if (!EqualsIgnoringCase(field.name, http::kTraceState) || field.value.empty()) continue;
    if (!state.empty()) state += ',';
    state += field.value;
  }
  return arena.Keep(state);
}

bool IsWithin(const http::TraceId& id, double ratio) {
  const std::string_view digits = http::TextOf(id).substr(32 - kRandomDigits);
  return static_cast<double>(NumberOf(digits)) < std::ldexp(ratio, 4 * kRandomDigits);
}

}  // namespace

RequestTrace BeginTrace(const http::Fields& fields, double ratio, RequestIds& ids, exchange::Arena& arena) {
  RequestTrace trace{};
  const std::string_view random = ids.Make(arena);
  trace.random = NumberOf(random.substr(0, 16));
  if (const auto context = http::FindTraceContext(fields)) {
    trace.span = *context;
    trace.parent = context->parent_id;
    trace.came = true;
    if (http::IsTraceStateSound(fields)) trace.state = StateOf(fields, arena);
  } else {
    std::copy(random.begin(), random.end(), trace.span.trace_id.begin());
    trace.span.sampled = IsWithin(trace.span.trace_id, ratio);
  }
  trace.span.parent_id = trace.MakeSpanId();
  return trace;
}

void HandOnTrace(exchange::Exchange& x) {
  if (x.trace == nullptr || (x.trace->came && !x.trace->span.sampled)) return;
  // What is left of a context that is not sound would be taken for that of the new trace.
  const bool keeps_state = x.trace->came && http::IsTraceStateSound(x.fields);
  x.fields.EraseIf([keeps_state](const http::Field& field) {
    return EqualsIgnoringCase(field.name, http::kTraceParent) ||
           (!keeps_state && EqualsIgnoringCase(field.name, http::kTraceState));
  });
  const std::string value = http::WriteTraceParent(x.trace->span);
  char* const text = x.arena.Allocate(value.size());
  std::copy(value.begin(), value.end(), text);
  x.trace->upstream_parent = text + http::kParentIdAt;
  (void)x.fields.Add({http::kTraceParent, {text, value.size()}, http::KnownHeader::kOther});
}

Tracing::Tracing(observe::SpanExporter* exporter, size_t core, RequestIds& ids, exchange::Exchange& x)
    : exporter_(exporter), core_(core), x_(x) {
  if (exporter_ == nullptr) return;
  trace_ = BeginTrace(x.head.fields, exporter_->ratio(), ids, x.arena);
  x.trace = &*trace_;
}

void Tracing::End(SteadyTime::duration took) {
  if (exporter_ != nullptr) exporter_->Append(core_, x_, took);
}

}  // namespace tollgate::pipeline
