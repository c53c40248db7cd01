// Whether a store is too slow to be waited for: more than 1 % of at least 100 decisions, or 3 of fewer, took
// longer than they may within the last half second. Time is passed in; one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "api/base/clock.h"

namespace tollgate::store {

class SlowWatch {
 public:
  // Counts a decision; true: too many were slow.
  bool Note(bool slow, SteadyTime now) {
    Advance(now);
    ++halves_[0].decisions;
    if (slow) ++halves_[0].slow;
    const uint64_t decisions = halves_[0].decisions + halves_[1].decisions;
    const uint64_t slow_ones = halves_[0].slow + halves_[1].slow;
    return decisions >= 100 ? slow_ones * 100 > decisions : slow_ones >= 3;
  }
  void Clear() { halves_ = {}; }

 private:
  static constexpr std::chrono::milliseconds kHalf{250};
  struct Half {
    uint64_t decisions = 0;
    uint64_t slow = 0;
  };

  void Advance(SteadyTime now) {
    if (now - began_ < kHalf) return;
    const bool next = now - began_ < 2 * kHalf;
    halves_[1] = next ? halves_[0] : Half{};
    halves_[0] = {};
    began_ = next ? began_ + kHalf : now;
  }

  SteadyTime began_{};
  std::array<Half, 2> halves_{};  // the running one, and the one before
};

}  // namespace tollgate::store
