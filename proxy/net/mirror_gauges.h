// What became of copies of requests, for the metrics. Any thread.
#pragma once

#include <vector>

#include "proxy/forward/mirror_table.h"
#include "proxy/observe/exposition.h"

namespace tollgate::net {

void AppendMirrorGauges(const forward::MirrorTally& tally, std::vector<observe::Gauge>& gauges);

}  // namespace tollgate::net
