// How the names of targets are, for the metrics. Any thread.
#pragma once

#include <vector>

#include "proxy/observe/exposition.h"
#include "proxy/resolve/resolver.h"

namespace tollgate::net {

void AppendNameGauges(const resolve::ResolverTally& tally, std::vector<observe::Gauge>& gauges);

}  // namespace tollgate::net
