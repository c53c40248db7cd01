// Sends the spans of sampled requests to a collector: OTLP over HTTP, in batches, on a thread of its own.
// Serving threads write a request's spans into a queue and go on; what the collector does not take in time is
// lost and counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/base/backoff.h"
#include "api/base/clock.h"
#include "api/base/result.h"
#include "proxy/exchange/exchange.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"
#include "proxy/observe/collector.h"
#include "proxy/observe/exposition.h"
#include "proxy/observe/span_queue.h"

namespace tollgate::observe {

struct TraceOptions {
  CollectorAddress collector;
  std::string authorities = {};  // PEM, of the collector's certificate; empty: those of the system
  double ratio = 0;              // of the traces that begin here: 0 to 1
  std::string instance = {};     // what this process is called in them
};

class SpanExporter {
 public:
  // What became of spans.
  struct Tally {
    std::atomic<uint64_t> sent{0};
    std::atomic<uint64_t> lost{0};     // no room in the queue, or no collector in time
    std::atomic<uint64_t> refused{0};  // by the collector
  };

  static Result<std::unique_ptr<SpanExporter>> Start(const TraceOptions& options, size_t cores);
  // Sends what is left, in bounded time.
  ~SpanExporter();

  // Any thread.
  double ratio() const { return options_.ratio; }
  const Tally& tally() const { return tally_; }
  // From the serving thread of `core`: at the end of a request.
  void Append(size_t core, const exchange::Exchange& x, SteadyTime::duration took);

 private:
  SpanExporter(const TraceOptions& options, std::shared_ptr<io::TlsClientTerms> terms, size_t cores);

  io::Task<void> Run();
  io::Task<void> ExportAll();
  io::Task<void> Export(const std::string& spans, size_t count);
  io::Task<void> Pause(std::chrono::milliseconds duration);
  io::Task<void> EndInTime();
  bool ended() const { return ending_.load(std::memory_order_relaxed) || loop_.stopping(); }
  void NoteTrouble(const std::string& why);

  const TraceOptions options_;
  SpanQueue queue_;
  Tally tally_;
  std::atomic<bool> ending_{false};
  io::Loop loop_;
  // The exporter's own.
  CollectorLink link_;
  bool troubled_ = false;
  bool gave_up_ = false;  // the end has come, and the collector has failed since
  std::thread thread_;
};

// What became of spans; zeros where `exporter` is nullptr.
void AppendSpanGauges(const SpanExporter* exporter, std::vector<Gauge>& gauges);

}  // namespace tollgate::observe
