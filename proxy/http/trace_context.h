// What a request says of the trace that it belongs to (W3C Trace Context, Recommendation of 2021-11-23).
// Pure; any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace tollgate::http {

// Lower case hexadecimal, as headers and OTLP's JSON have it; never all zeros.
using TraceId = std::array<char, 32>;
using SpanId = std::array<char, 16>;

inline std::string_view TextOf(const TraceId& id) { return {id.data(), id.size()}; }
inline std::string_view TextOf(const SpanId& id) { return {id.data(), id.size()}; }

inline constexpr std::string_view kTraceParent = "traceparent";
inline constexpr std::string_view kTraceState = "tracestate";

struct TraceContext {
  TraceId trace_id;
  SpanId parent_id;
  bool sampled;
};

// The value of traceparent (section 3.2); nothing where any of it is malformed. Of a version that is newer
// than 00 what this one knows is read (section 4.3).
std::optional<TraceContext> ParseTraceParent(std::string_view value);

// The context of a request; nothing where it has none, more than one, or one that is malformed.
std::optional<TraceContext> FindTraceContext(const Fields& fields);

// Whether tracestate is well-formed over all its lines (section 3.3); true where there is none.
bool IsTraceStateSound(const Fields& fields);

// The value of version 00.
std::string WriteTraceParent(const TraceContext& context);
// Where in that value the parent's id stands.
inline constexpr size_t kParentIdAt = 36;

}  // namespace tollgate::http
