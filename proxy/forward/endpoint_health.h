// Whether an endpoint is to be asked, and how much: one record for the process, which every core writes when
// its requests or its probes fail. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "api/base/clock.h"

namespace tollgate::forward {

class EndpointHealth {
 public:
  // An endpoint that is new, or comes back, has the whole of its share after this: long enough to make
  // connections and to warm up, short enough that a rollout has its capacity before the next pod goes.
  static constexpr std::chrono::seconds kSlowStart{10};
  static constexpr uint32_t kWholeShare = 256;
  // What it begins with: a tenth, since with nothing it would not warm up.
  static constexpr uint32_t kFirstShare = kWholeShare / 10;

  // `since` is when the endpoint became known; SteadyTime::min(): it was there from the beginning.
  explicit EndpointHealth(SteadyTime since = SteadyTime::min()) : since_(Ticks(since)) {}

  // When it became available, or will.
  SteadyTime available_at() const { return SteadyTime(Duration(since_.load(std::memory_order_relaxed))); }
  bool Available(SteadyTime now) const {
    return !failing() && Ticks(now) >= since_.load(std::memory_order_relaxed);
  }
  // Whether it does not answer its probes.
  bool failing() const { return failing_probes_.load(std::memory_order_relaxed) != 0; }
  // One more kind of probes is not answered, or one fewer. Whoever answers all again begins with its first
  // share.
  void NoteProbes(bool failing, SteadyTime now) {
    if (failing) {
      failing_probes_.fetch_add(1, std::memory_order_relaxed);
    } else if (failing_probes_.fetch_sub(1, std::memory_order_relaxed) == 1) {
      BeginAt(now);
    }
  }

  // Of kWholeShare, for one that is available.
  uint32_t Share(SteadyTime now) const {
    const int64_t since = since_.load(std::memory_order_relaxed);
    if (since < Ticks(now) - kSlowStartTicks) return kWholeShare;
    const int64_t grown = (Ticks(now) - since) * kWholeShare / kSlowStartTicks;
    return std::max(kFirstShare, static_cast<uint32_t>(std::max<int64_t>(grown, 0)));
  }

  // How many failures there have been in a row.
  uint32_t NoteFailure() { return failures_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void NoteSuccess() {
    // Nearly always there is nothing to write, so that no other core has to read the record again.
    if (failures_.load(std::memory_order_relaxed) != 0) failures_.store(0, std::memory_order_relaxed);
  }

  // Not to be asked before `until`.
  void Eject(SteadyTime until) {
    failures_.store(0, std::memory_order_relaxed);
    BeginAt(until);
  }

 private:
  void BeginAt(SteadyTime when) {
    int64_t since = since_.load(std::memory_order_relaxed);
    while (since < Ticks(when) && !since_.compare_exchange_weak(since, Ticks(when))) continue;
  }

  using Duration = SteadyTime::duration;
  static constexpr int64_t kSlowStartTicks = std::chrono::duration_cast<Duration>(kSlowStart).count();
  static constexpr int64_t Ticks(SteadyTime time) { return time.time_since_epoch().count(); }

  std::atomic<int64_t> since_;  // when it became, or will be, available
  std::atomic<uint32_t> failures_{0};
  std::atomic<uint32_t> failing_probes_{0};  // kinds of them
};

}  // namespace tollgate::forward
