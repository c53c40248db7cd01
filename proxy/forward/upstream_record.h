// What is known of an upstream as a whole, one record for a process and name whatever snapshot names it.
// Written by every core, for rules that need it alone: a cache line of its own. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace tollgate::forward {

struct alignas(64) UpstreamRecord {
  std::atomic<uint32_t> active_requests{0};  // of rules that count them
  std::atomic<uint32_t> active_repeats{0};   // of those, what is under way a second time or more
};

}  // namespace tollgate::forward
