#include "proxy/store/token_bucket.h"

#include <algorithm>

namespace tollgate::store {
namespace {

// In 2⁻³² µs: 32 bits of burst times 51 bits of period leave no room in 64.
__extension__ using Ticks = unsigned __int128;
constexpr int kFractionBits = 32;

// 70,000 years: keeps now + depth within 64 bits of microseconds.
constexpr Ticks kDeepest = Ticks{1} << (61 + kFractionBits);

Ticks FromMicros(int64_t us) { return static_cast<Ticks>(us) << kFractionBits; }
int64_t MicrosRoundedUp(Ticks ticks) {
  return static_cast<int64_t>((ticks + (Ticks{1} << kFractionBits) - 1) >> kFractionBits);
}

// Rounded up. Most periods fit in the 64 bits whose division is one instruction.
Ticks Interval(const RateTerms& terms) {
  const Ticks per = FromMicros(terms.per_us);
  if (per >> 63 == 0) return (static_cast<uint64_t>(per) + terms.requests - 1) / terms.requests;
  return (per + terms.requests - 1) / terms.requests;
}

Ticks Depth(const RateTerms& terms, Ticks interval) { return std::min(interval * terms.burst, kDeepest); }

uint64_t Divide(Ticks a, Ticks b) {
  if (a >> 64 == 0 && b >> 64 == 0) return static_cast<uint64_t>(a) / static_cast<uint64_t>(b);
  return static_cast<uint64_t>(a / b);
}

// What is missing from a whole bucket.
Ticks Missing(int64_t tat_us, uint32_t tat_fraction, WallMicros now) {
  if (tat_us < now) return 0;
  return FromMicros(tat_us - now) + tat_fraction;
}

}  // namespace

void TokenBucket::Prepare(const RateTerms& terms, WallMicros now) {
  if (terms.requests == 0 || tat_us_ < now) return;
  const Ticks depth = Depth(terms, Interval(terms));
  if (Missing(tat_us_, tat_fraction_, now) <= depth) return;
  tat_us_ = now + static_cast<int64_t>(depth >> kFractionBits);
  tat_fraction_ = static_cast<uint32_t>(depth);
}

bool TokenBucket::Admits(const RateTerms& terms, WallMicros now) const {
  if (terms.requests == 0) return false;
  const Ticks interval = Interval(terms);
  return Missing(tat_us_, tat_fraction_, now) + interval <= Depth(terms, interval);
}

void TokenBucket::Take(const RateTerms& terms, WallMicros now) {
  const Ticks missing = Missing(tat_us_, tat_fraction_, now) + Interval(terms);
  tat_us_ = now + static_cast<int64_t>(missing >> kFractionBits);
  tat_fraction_ = static_cast<uint32_t>(missing);
}

RateState TokenBucket::StateAt(const RateTerms& terms, WallMicros now) const {
  if (terms.requests == 0) return {0, terms.per_us, terms.per_us};
  const Ticks interval = Interval(terms);
  const Ticks depth = Depth(terms, interval);
  const Ticks missing = Missing(tat_us_, tat_fraction_, now);
  const uint64_t remaining = Divide(depth - std::min(missing, depth), interval);
  const int64_t retry = remaining > 0 ? 0 : MicrosRoundedUp(missing + interval - depth);
  return {remaining, MicrosRoundedUp(missing), retry};
}

}  // namespace tollgate::store
