#include "proxy/observe/span_json.h"

#include <array>
#include <string>

#include "api/base/json_text.h"
#include "api/base/version.h"
#include "proxy/exchange/request_trace.h"

namespace tollgate::observe {
namespace {

using exchange::Exchange;
using exchange::RequestTrace;
using exchange::TrySpan;

// opentelemetry/proto/trace/v1: Span.SpanKind, Status.StatusCode.
constexpr int kServer = 2;
constexpr int kClient = 3;
constexpr int kError = 2;

// Span.flags: those of W3C, and SpanFlags of OTLP.
constexpr unsigned kSampled = 1;
constexpr unsigned kKnowsParent = 0x100;
constexpr unsigned kParentIsRemote = 0x200;

constexpr size_t kMostOfText = 1024;

// Semantic conventions, "http.request.method": whatever else a caller may think of is one value.
bool IsKnownMethod(std::string_view method) {
  constexpr std::array kMethods = std::to_array<std::string_view>(
      {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"});
  for (const std::string_view known : kMethods) {
    if (known == method) return true;
  }
  return false;
}

class SpanWriter {
 public:
  explicit SpanWriter(std::string& out) : out_(out) { out_ += out_.empty() ? "{" : ",{"; }

  void Raw(std::string_view name, std::string_view value) {
    if (out_.back() != '{') out_ += ',';
    out_.append("\"").append(name).append("\":").append(value);
  }
  void Text(std::string_view name, std::string_view value) {
    Raw(name, {});
    AppendJsonString(value, out_);
  }
  // 64-bit numbers are text in Protobuf's JSON.
  void Nanos(std::string_view name, WallMicros micros) { Raw(name, '"' + std::to_string(micros) + "000\""); }

  void BeginAttributes() { Raw("attributes", "["); }
  // Left out where there is nothing to say.
  void Attribute(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    BeginValue(name, "stringValue");
    AppendJsonString(value.substr(0, kMostOfText), out_);
    out_ += "}}";
  }
  void Attribute(std::string_view name, uint64_t value) {
    BeginValue(name, "intValue");
    out_.append("\"").append(std::to_string(value)).append("\"}}");
  }
  void EndAttributes() { out_ += ']'; }
  void Failed() { Raw("status", "{\"code\":" + std::to_string(kError) + '}'); }
  void End() { out_ += '}'; }

 private:
  void BeginValue(std::string_view name, std::string_view type) {
    if (out_.back() != '[') out_ += ',';
    out_.append("{\"key\":\"").append(name).append("\",\"value\":{\"").append(type).append("\":");
  }
  std::string& out_;
};

WallMicros WallTimeOf(const Exchange& x, SteadyTime when) {
  return x.received + std::chrono::duration_cast<std::chrono::microseconds>(when - x.started).count();
}

// Of few values: the path as the route's author wrote it.
std::string_view RouteOf(const Exchange& x) {
  return x.routed && x.routed->path != nullptr ? std::string_view(x.routed->path->value())
                                               : std::string_view();
}

void WriteMethod(const Exchange& x, SpanWriter& out) {
  const bool known = IsKnownMethod(x.head.method);
  out.Attribute("http.request.method", known ? x.head.method : "_OTHER");
  if (!known) out.Attribute("http.request.method_original", x.head.method);
}

// Why a status counts as a failure; empty: it does not.
std::string FailureOf(int status, int from, std::string_view problem) {
  if (!problem.empty() && (status == 0 || status >= from)) return std::string(problem);
  return status == 0 || status >= from ? std::to_string(status) : std::string();
}

// Of a tracestate: what is to be propagated at least (W3C Trace Context, section 3.3.1.5). A longer one goes
// to the upstream alone, or callers would say how much memory waiting spans take.
constexpr size_t kMostState = 512;

// `remote`: the parent is another program's.
void WriteIds(const RequestTrace& trace, const http::SpanId& id, const std::optional<http::SpanId>& parent,
              bool remote, SpanWriter& out) {
  out.Text("traceId", http::TextOf(trace.span.trace_id));
  out.Text("spanId", http::TextOf(id));
  if (parent) out.Text("parentSpanId", http::TextOf(*parent));
  if (trace.state.size() <= kMostState && !trace.state.empty()) out.Text("traceState", trace.state);
  out.Raw("flags", std::to_string(kSampled | kKnowsParent | (remote ? kParentIsRemote : 0)));
}

void WriteRequestAttributes(const Exchange& x, SpanWriter& out) {
  WriteMethod(x, out);
  out.Attribute("url.scheme", x.transport.scheme());
  out.Attribute("url.path", x.target.path);
  out.Attribute("http.route", RouteOf(x));
  out.Attribute("server.address", x.target.host);
  out.Attribute("client.address", x.client().ip());
  out.Attribute("network.peer.address", x.peer.ip());
  out.Attribute("network.protocol.version", x.head.major_version == 2   ? "2"
                                            : x.head.minor_version == 0 ? "1.0"
                                                                        : "1.1");
  const http::Field* const agent = x.head.fields.Find("User-Agent");
  if (agent != nullptr) out.Attribute("user_agent.original", agent->value);
  out.Attribute("http.request.body.size", x.downstream.bytes_received());
}

void WriteOwnAttributes(const Exchange& x, SpanWriter& out) {
  out.Attribute("tollgate.request_id", x.request_id);
  out.Attribute("tollgate.route", x.route);
  out.Attribute("tollgate.rule", x.rule);
  if (x.identity.plan != nullptr) out.Attribute("tollgate.plan", x.identity.plan->name);
  out.Attribute("tollgate.consumer", x.identity.consumer_id());
  out.Attribute("tollgate.cache_status", x.cache_status);
  out.Attribute("tollgate.reason", x.reason);
}

void WriteServerSpan(const Exchange& x, SteadyTime::duration took, std::string& text) {
  const RequestTrace& trace = *x.trace;
  const std::string_view route = RouteOf(x);
  const std::string_view method = IsKnownMethod(x.head.method) ? x.head.method : "HTTP";
  SpanWriter out(text);
  WriteIds(trace, trace.span.parent_id, trace.parent, trace.parent.has_value(), out);
  out.Text("name", route.empty() ? std::string(method) : std::string(method) + ' ' + std::string(route));
  out.Raw("kind", std::to_string(kServer));
  out.Nanos("startTimeUnixNano", x.received);
  out.Nanos("endTimeUnixNano", WallTimeOf(x, x.started + took));
  // A caller's own mistake is no failure of the server.
  const std::string failure = FailureOf(x.status, 500, x.problem);
  out.BeginAttributes();
  WriteRequestAttributes(x, out);
  if (x.status != 0) out.Attribute("http.response.status_code", static_cast<uint64_t>(x.status));
  out.Attribute("http.response.body.size", x.downstream.bytes_sent());
  out.Attribute("error.type", failure);
  WriteOwnAttributes(x, out);
  out.EndAttributes();
  if (!failure.empty()) out.Failed();
  out.End();
}

// "10.0.0.1:80", "[::1]:80".
void WriteEndpoint(const TrySpan& span, SpanWriter& out) {
  const size_t colon = span.endpoint.rfind(':');
  std::string_view host = span.endpoint.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  out.Attribute("server.address", host);
  const auto address = io::Address::Parse(span.endpoint);
  if (address) out.Attribute("server.port", uint64_t{address->port()});
  const std::string scheme = span.secure ? "https://" : "http://";
  out.Attribute("url.full", scheme + std::string(span.endpoint) + std::string(span.path));
}

void WriteTry(const Exchange& x, const TrySpan& span, size_t number, std::string& text) {
  SpanWriter out(text);
  WriteIds(*x.trace, span.id, x.trace->span.parent_id, false, out);
  out.Text("name", IsKnownMethod(x.head.method) ? x.head.method : "HTTP");
  out.Raw("kind", std::to_string(kClient));
  out.Nanos("startTimeUnixNano", WallTimeOf(x, span.began));
  out.Nanos("endTimeUnixNano", WallTimeOf(x, std::max(span.began, span.ended)));
  const std::string failure = FailureOf(span.status, 400, span.failure);
  out.BeginAttributes();
  WriteMethod(x, out);
  WriteEndpoint(span, out);
  out.Attribute("network.protocol.version", span.http2 ? "2" : "1.1");
  if (span.status != 0) out.Attribute("http.response.status_code", static_cast<uint64_t>(span.status));
  if (number > 0) out.Attribute("http.request.resend_count", uint64_t{number});
  out.Attribute("error.type", failure);
  out.Attribute("tollgate.upstream", x.upstream);
  out.EndAttributes();
  if (!failure.empty()) out.Failed();
  out.End();
}

}  // namespace

std::string WriteSpans(const Exchange& x, SteadyTime::duration took) {
  std::string spans;
  if (x.trace == nullptr || !x.trace->span.sampled) return spans;
  WriteServerSpan(x, took, spans);
  for (size_t i = 0; i < x.trace->tries.size(); ++i) WriteTry(x, x.trace->tries[i], i, spans);
  return spans;
}

std::string WriteExport(std::string_view instance, std::string_view spans) {
  std::string body = R"({"resourceSpans":[{"resource":)";
  {
    std::string resource;
    SpanWriter out(resource);
    out.BeginAttributes();
    out.Attribute("service.name", "tollgate");
    out.Attribute("service.version", kVersion);
    out.Attribute("service.instance.id", instance);
    out.EndAttributes();
    out.End();
    body += resource;
  }
  body.append(R"(,"scopeSpans":[{"scope":{"name":"tollgate","version":")").append(kVersion).append("\"},");
  return body.append("\"spans\":[").append(spans).append("]}]}]}");
}

}  // namespace tollgate::observe
