#include "proxy/observe/span_exporter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/base/log.h"
#include "proxy/exchange/request_trace.h"
#include "proxy/observe/span_json.h"

namespace tollgate::observe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// As many as OpenTelemetry's own exporters send at once (OTEL_BSP_MAX_EXPORT_BATCH_SIZE).
constexpr size_t kBatch = 512;
// A span waits no longer than this for others: whoever tries a request out sees it at once.
constexpr milliseconds kDelay{1'000};
constexpr milliseconds kLook{100};
// How long a collector may take for one batch.
constexpr seconds kReply{10};
// The first pause before the same is sent again, the longest, and how long that is done for.
constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{10'000};
constexpr seconds kGiveUp{60};
// What the collector may take when the gateway ends.
constexpr seconds kLastExport{2};

// How many spans of an accepted batch were refused (ExportTracePartialSuccess).
uint64_t RejectedIn(const std::string& body) {
  const nlohmann::json reply = nlohmann::json::parse(body, nullptr, false);
  if (!reply.is_object() || !reply.contains("partialSuccess")) return 0;
  const nlohmann::json& partial = reply["partialSuccess"];
  if (!partial.is_object() || !partial.contains("rejectedSpans")) return 0;
  const nlohmann::json& count = partial["rejectedSpans"];
  if (count.is_number_unsigned()) return count.get<uint64_t>();
  return count.is_string() ? std::strtoull(count.get_ref<const std::string&>().c_str(), nullptr, 10) : 0;
}

}  // namespace

Result<std::unique_ptr<SpanExporter>> SpanExporter::Start(const TraceOptions& options, size_t cores) {
  std::shared_ptr<io::TlsClientTerms> terms;
  if (options.collector.secure) {
    auto made = io::MakeTlsClientTerms(
        {.authorities = options.authorities, .server_name = options.collector.host, .certificate = {}});
    if (!made.ok()) return made.error();
    terms = *made;
  }
  return std::unique_ptr<SpanExporter>(new SpanExporter(options, std::move(terms), cores));
}

SpanExporter::SpanExporter(const TraceOptions& options, std::shared_ptr<io::TlsClientTerms> terms,
                           size_t cores)
    : options_(options), queue_(cores), link_(loop_, options.collector, std::move(terms)) {
  thread_ = std::thread([this] {
    loop_.Post([this] { io::Detach(Run()); });
    loop_.Run();
  });
}

SpanExporter::~SpanExporter() {
  ending_ = true;
  loop_.Post([this] { io::Detach(EndInTime()); });
  thread_.join();
  tally_.lost += queue_.waiting();
  if (tally_.lost == 0 && tally_.refused == 0) return;
  log::Warning("spans were lost: the collector was too slow, gone, or did not want them",
               {{"lost", std::to_string(tally_.lost)}, {"refused", std::to_string(tally_.refused)}});
}

void SpanExporter::Append(size_t core, const exchange::Exchange& x, SteadyTime::duration took) {
  SpanBundle bundle{WriteSpans(x, took), 0};
  if (bundle.json.empty()) return;
  bundle.spans = 1 + x.trace->tries.size();
  const size_t spans = bundle.spans;
  if (!queue_.Add(core, std::move(bundle))) tally_.lost += spans;
}

io::Task<void> SpanExporter::EndInTime() {
  io::Loop::Sleeper pause = loop_.Sleep(kLastExport);
  co_await pause;
  loop_.Stop();
}

// In steps, so that the end is noticed.
io::Task<void> SpanExporter::Pause(milliseconds duration) {
  const SteadyTime until = SteadyNow() + duration;
  while (!ended() && SteadyNow() < until) {
    io::Loop::Sleeper pause = loop_.Sleep(kLook);
    co_await pause;
  }
}

io::Task<void> SpanExporter::Run() {
  for (bool last = false; !last;) {
    const SteadyTime due = SteadyNow() + kDelay;
    while (!ended() && SteadyNow() < due && queue_.waiting() < kBatch) co_await Pause(kLook);
    last = ended();  // before the queue is looked at: whoever ends it has put all that he has into it
    if (!loop_.stopping()) co_await ExportAll();
  }
  link_.Drop();
  loop_.Stop();
}

io::Task<void> SpanExporter::ExportAll() {
  const std::vector<SpanBundle> bundles = queue_.TakeAll();
  std::string spans;
  size_t count = 0;
  for (size_t i = 0; i < bundles.size(); ++i) {
    if (count > 0) spans += ',';
    spans += bundles[i].json;
    count += bundles[i].spans;
    if (count < kBatch && i + 1 < bundles.size()) continue;
    co_await Export(spans, count);
    spans.clear();
    count = 0;
  }
}

io::Task<void> SpanExporter::Export(const std::string& spans, size_t count) {
  // At the end nobody waits for a collector that has failed once: what is left would take as long again.
  if (gave_up_) {
    tally_.lost += count;
    co_return;
  }
  const std::string body = WriteExport(options_.instance, spans);
  const SteadyTime end = SteadyNow() + kGiveUp;
  Backoff backoff(kFirstPause, kLongestPause);
  while (!loop_.stopping()) {
    const CollectorReply reply = co_await link_.Post(body, SteadyNow() + kReply);
    if (reply.accepted()) {
      const uint64_t refused = std::min<uint64_t>(RejectedIn(reply.body), count);
      tally_.sent += count - refused;
      tally_.refused += refused;
      if (std::exchange(troubled_, false)) log::Info("the collector takes spans again");
      co_return;
    }
    NoteTrouble(reply.status == 0 ? reply.trouble : "it answers " + std::to_string(reply.status));
    if (!reply.passing()) {
      tally_.refused += count;
      co_return;
    }
    const milliseconds pause = reply.retry_after ? milliseconds(*reply.retry_after) : backoff.Next();
    gave_up_ = ended();
    if (gave_up_ || SteadyNow() + pause >= end) break;
    co_await Pause(pause);
  }
  tally_.lost += count;
}

// Once, until it is well again.
void SpanExporter::NoteTrouble(const std::string& why) {
  if (std::exchange(troubled_, true)) return;
  log::Warning(
      "the collector does not take spans: " + why + "; they are kept for a while, then lost and counted",
      {{"collector", options_.collector.authority()}});
}

void AppendSpanGauges(const SpanExporter* exporter, std::vector<Gauge>& gauges) {
  static const SpanExporter::Tally kNone;
  const SpanExporter::Tally& tally = exporter == nullptr ? kNone : exporter->tally();
  const auto spans = [&gauges](const char* result, const std::atomic<uint64_t>& count) {
    gauges.push_back(
        {"trace_spans_total",
         "Spans of sampled requests: sent to the collector, lost (no room, or no collector in time), "
         "or refused by it.",
         {{"result", result}},
         static_cast<double>(count.load(std::memory_order_relaxed))});
  };
  spans("sent", tally.sent);
  spans("lost", tally.lost);
  spans("refused", tally.refused);
}

}  // namespace tollgate::observe
