// Durations as users write them (GEP-2257: "1h30m", "250ms") and as people read them. Any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "api/base/result.h"

namespace tollgate {

// Reads one to four groups of up to five digits with a unit of h, m, s or ms, in any order, as GEP-2257
// section "Duration" allows. "0s" is zero. Nothing else is accepted: no sign, no fraction, no bare number.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

// The shortest GEP-2257 form of a duration: 90s is "1m30s", zero is "0s".
std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace tollgate
