#include "proxy/net/name_gauges.h"

namespace tollgate::net {

void AppendNameGauges(const resolve::ResolverTally& tally, std::vector<observe::Gauge>& gauges) {
  const auto names = [&gauges](const char* state, size_t count) {
    gauges.push_back(
        {"upstream_names",
         "Names of url targets: fresh, stale (they cannot be looked up, and the addresses that they "
         "had are used), or unknown (they lead to no address).",
         {{"state", state}},
         static_cast<double>(count)});
  };
  names("fresh", tally.fresh);
  names("stale", tally.stale);
  names("unknown", tally.unknown);
  const auto lookups = [&gauges](const char* result, uint64_t count) {
    gauges.push_back(
        {"upstream_lookups_total",
         "How often names of url targets were looked up: answered (also that there is no such name), "
         "or failed.",
         {{"result", result}},
         static_cast<double>(count)});
  };
  lookups("answered", tally.answered);
  lookups("failed", tally.failed);
}

}  // namespace tollgate::net
