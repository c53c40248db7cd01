// What a request is in its trace: the span of the gateway, and one for each try at an upstream. Plain data;
// one thread: the connection's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "api/base/clock.h"
#include "proxy/exchange/exchange.h"
#include "proxy/http/trace_context.h"

namespace tollgate::exchange {

// One try. Slices live as long as the exchange.
struct TrySpan {
  http::SpanId id;
  std::string_view endpoint;
  std::string_view path;  // as it was asked for there
  bool secure = false;
  bool http2 = false;
  SteadyTime began;
  SteadyTime ended{};
  int status = 0;            // 0: there was no answer
  std::string_view failure;  // slug of the problem; empty: there was an answer
};

struct RequestTrace {
  http::TraceContext span;                  // with the gateway's own span as parent_id
  std::optional<http::SpanId> parent = {};  // the caller's; nothing: the trace begins here
  std::string_view state = {};              // tracestate as it came, where it is sound
  bool came = false;                        // the context did, and is sound
  uint64_t random = 0;                      // further ids come of it
  char* upstream_parent = nullptr;  // where the id of a try stands in the head that goes up; nullptr: nowhere
  std::vector<TrySpan> tries = {};  // of one that is sampled

  // The next id, which is no secret (SplitMix64; Steele, Lea, Flood, 2014).
  http::SpanId MakeSpanId() {
    constexpr char kHex[] = "0123456789abcdef";
    uint64_t bits = 0;
    while (bits == 0) {
      bits = random += 0x9E3779B97F4A7C15ULL;
      bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9ULL;
      bits = (bits ^ bits >> 27) * 0x94D049BB133111EBULL;
      bits ^= bits >> 31;
    }
    http::SpanId id;
    for (size_t i = id.size(); i-- > 0; bits >>= 4) id[i] = kHex[bits & 15];
    return id;
  }
};

// One try on its way: its span, where spans are written, and its id in the head that the upstream gets.
class TracedTry {
 public:
  TracedTry(Exchange& x, std::string_view endpoint, std::string_view path, bool secure, bool http2)
      : trace_(x.trace != nullptr && x.trace->span.sampled ? x.trace : nullptr) {
    if (trace_ == nullptr) return;
    const http::SpanId id = trace_->MakeSpanId();
    if (trace_->upstream_parent != nullptr) std::copy(id.begin(), id.end(), trace_->upstream_parent);
    trace_->tries.push_back({.id = id,
                             .endpoint = endpoint,
                             .path = path,
                             .secure = secure,
                             .http2 = http2,
                             .began = SteadyNow(),
                             .failure = {}});
  }
  TracedTry(const TracedTry&) = delete;
  TracedTry& operator=(const TracedTry&) = delete;

  // `status` of the answer, or why there was none.
  void End(int status, std::string_view failure) {
    if (trace_ == nullptr) return;
    TrySpan& span = trace_->tries.back();
    span.ended = SteadyNow();
    span.status = status;
    span.failure = failure;
  }

 private:
  RequestTrace* const trace_;
};

}  // namespace tollgate::exchange
