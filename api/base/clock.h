// The two clocks of the project and the seam where tests put their own. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

// For deadlines and durations: never goes back.
using SteadyTime = std::chrono::steady_clock::time_point;
inline SteadyTime SteadyNow() { return std::chrono::steady_clock::now(); }

// Microseconds since 1970-01-01T00:00Z: what stands in logs, stores and credentials' expiry.
using WallMicros = int64_t;

// A source of wall time that a test can hold still.
class WallClock {
 public:
  virtual ~WallClock() = default;
  virtual WallMicros Now() const = 0;
};

class SystemWallClock final : public WallClock {
 public:
  WallMicros Now() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

// RFC 3339 with seconds ("2026-11-21T09:30:00Z"), and with microseconds for logs.
std::string FormatTime(WallMicros time);
std::string FormatTimeMicros(WallMicros time);

// Reads an RFC 3339 date-time, section 5.6: any offset, any number of fractional digits (what is below a
// microsecond is cut off). Nothing for anything else, also for a day that the month does not have.
std::optional<WallMicros> ParseRfc3339(std::string_view text);

}  // namespace tollgate
