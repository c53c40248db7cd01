// What one rate limit says, with what follows from it worked out once, and what a store answers about it.
// Plain values; any thread.
#pragma once

#include <cstdint>

namespace tollgate::store {

// More in one window than a machine serves in half a day; it lets counters be 32 bits wide.
inline constexpr uint64_t kMaxRequests = UINT32_MAX;

// 46 years: the longest that GEP-2257 can write, four groups of 99,999 hours.
inline constexpr int64_t kMaxPeriod = int64_t{4} * 99'999 * 3600 * 1'000'000;

// Time in 2⁻¹¹ µs, half a nanosecond: what one request of a token bucket takes to be refilled is seldom whole
// microseconds. So 64 bits hold today and 71 years on top, more than the longest period that can be written.
using Ticks = uint64_t;
inline constexpr int kTickBits = 11;

constexpr Ticks TicksOf(int64_t us) { return static_cast<Ticks>(us) << kTickBits; }
constexpr int64_t MicrosRoundedUp(Ticks ticks) {
  return static_cast<int64_t>((ticks + (Ticks{1} << kTickBits) - 1) >> kTickBits);
}

struct RateTerms {
  // `requests` ≤ kMaxRequests, 0 admits nobody; 0 < `per_us` ≤ kMaxPeriod; `burst` ≤ kMaxRequests, 0 means
  // that in no trailing `per_us` more than `requests` are admitted, else it is the size of a token bucket.
  constexpr RateTerms(uint64_t requests_in, int64_t per_us_in, uint64_t burst_in)
      : requests(requests_in), per_us(per_us_in), burst(burst_in) {
    if (burst == 0 || requests == 0) return;
    interval = (TicksOf(per_us) + requests - 1) / requests;
    depth = burst < kDeepest / interval ? interval * burst : kDeepest;
  }

  uint64_t requests;
  int64_t per_us;
  uint64_t burst;
  // Of a bucket: T = per/requests, rounded up: that keeps the promise and costs one admission in 2,000 at a
  // million a second, less below. And burst·T, of which what takes longer than 71 years is cut.
  Ticks interval = 0;
  Ticks depth = 0;

 private:
  static constexpr Ticks kDeepest = Ticks{1} << 62;
};

// A limit after the decision: with this request in it when it was admitted, without it when it was not.
struct RateState {
  uint64_t remaining;  // requests that would be admitted now
  int64_t reset_us;    // until the limit is whole again; 0: it is
  int64_t retry_us;    // until one more request fits; 0: it does
};

}  // namespace tollgate::store
