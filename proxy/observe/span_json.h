// The spans of one request in OTLP's JSON (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding"), with
// the names of the stable semantic conventions for HTTP. Never a query, a credential or a header's value but
// User-Agent. Pure; any thread.
#pragma once

#include <string>

#include "proxy/exchange/exchange.h"

namespace tollgate::observe {

// One object a span, with commas between them; nothing where the request is in no trace or not sampled.
std::string WriteSpans(const exchange::Exchange& x, SteadyTime::duration took);

// What such spans stand in: of `spans`, with commas between them, the body of one export. `instance` names
// this process.
std::string WriteExport(std::string_view instance, std::string_view spans);

}  // namespace tollgate::observe
