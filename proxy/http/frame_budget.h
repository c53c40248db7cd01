// How many frames a peer may send that cost us work and carry nothing: resets, pings, settings, empty data.
// Work that is worth something pays for them, so that the budget of a busy connection never ends
// (CVE-2019-9511 to 9518, CVE-2023-44487). One thread.
#pragma once

#include <algorithm>
#include <chrono>

#include "api/base/clock.h"

namespace tollgate::http {

class FrameBudget {
 public:
  // A browser that closes a tab cancels some dozen requests at once; a gRPC client pings every few seconds.
  static constexpr int kMost = 500;
  static constexpr int kPerSecond = 100;

  explicit FrameBudget(SteadyTime now) : refilled_(now) {}

  // False: it is used up.
  bool Spend(int frames, SteadyTime now) {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - refilled_);
    const auto earned = passed.count() * kPerSecond / 1'000;
    if (earned > 0) {
      Earn(static_cast<int>(std::min<int64_t>(earned, kMost)));
      refilled_ = now;
    }
    left_ -= frames;
    return left_ >= 0;
  }
  void Earn(int frames) { left_ = std::min(left_ + frames, kMost); }

 private:
  int left_ = kMost;
  SteadyTime refilled_;
};

}  // namespace tollgate::http
