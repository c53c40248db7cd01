// Spans that wait to be exported: serving threads append, the exporter takes. Bounded; what finds no room is
// lost and counted, nobody waits. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tollgate::observe {

// The spans of one request.
struct SpanBundle {
  std::string json;
  size_t spans = 0;
};

class SpanQueue {
 public:
  // For each core as many as OpenTelemetry's own exporters keep (OTEL_BSP_MAX_QUEUE_SIZE): 3 MiB or so.
  static constexpr size_t kMostSpans = 2048;

  explicit SpanQueue(size_t cores) : buffers_(cores) {}

  // From the serving thread of `core`. False: there was no room.
  bool Add(size_t core, SpanBundle bundle) {
    Buffer& buffer = buffers_[core];
    const std::scoped_lock lock(buffer.mutex);
    if (buffer.spans + bundle.spans > kMostSpans) return false;
    buffer.spans += bundle.spans;
    waiting_.fetch_add(bundle.spans, std::memory_order_relaxed);
    buffer.bundles.push_back(std::move(bundle));
    return true;
  }

  // Takes all that waits.
  std::vector<SpanBundle> TakeAll() {
    std::vector<SpanBundle> all;
    for (Buffer& buffer : buffers_) {
      std::vector<SpanBundle> taken;
      {
        const std::scoped_lock lock(buffer.mutex);
        taken.swap(buffer.bundles);
        waiting_.fetch_sub(std::exchange(buffer.spans, 0), std::memory_order_relaxed);
      }
      for (SpanBundle& bundle : taken) all.push_back(std::move(bundle));
    }
    return all;
  }

  size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  struct alignas(64) Buffer {
    std::mutex mutex;
    std::vector<SpanBundle> bundles;  // guarded by mutex
    size_t spans = 0;                 // guarded by mutex
  };
  std::vector<Buffer> buffers_;
  std::atomic<size_t> waiting_{0};
};

}  // namespace tollgate::observe
