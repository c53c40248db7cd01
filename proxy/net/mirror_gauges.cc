#include "proxy/net/mirror_gauges.h"

namespace tollgate::net {

void AppendMirrorGauges(const forward::MirrorTally& tally, std::vector<observe::Gauge>& gauges) {
  const auto copies = [&gauges](const char* result, const std::atomic<uint64_t>& count) {
    gauges.push_back(
        {"upstream_copies_total",
         "Copies of requests for mirrors: answered, failed (no whole answer in time), or dropped (too "
         "many at once, too long a body, no endpoint).",
         {{"result", result}},
         static_cast<double>(count.load(std::memory_order_relaxed))});
  };
  copies("answered", tally.answered);
  copies("failed", tally.failed);
  copies("dropped", tally.dropped);
}

}  // namespace tollgate::net
