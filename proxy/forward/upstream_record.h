// What is known of an upstream as a whole, one record for a process and name whatever snapshot names it.
// Written by every core, for rules that need it alone: a cache line of its own. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace tollgate::forward {

struct alignas(64) UpstreamRecord {
  std::atomic<uint32_t> active_requests{0};  // of rules that count them
  std::atomic<uint32_t> active_repeats{0};   // of those, what is under way a second time or more

  std::atomic<uint32_t> turn{0};  // of RoundRobin

  std::atomic<int64_t> counted_at{0};    // when `unavailable` was counted, in steady ticks
  std::atomic<uint32_t> unavailable{0};  // endpoints that are out of use
  std::mutex ejecting;                   // held while one more is taken out of use
};

}  // namespace tollgate::forward
