// How much the whole process has taken on, and whether it takes more: connections, requests at work, memory.
// What is beyond is turned away while it is new and cheap; what was taken on is finished. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/base/clock.h"

namespace tollgate::pipeline {

// 0: none.
struct LoadLimits {
  size_t connections = 0;
  size_t requests = 0;
  size_t memory_bytes = 0;
};

class LoadGuard {
 public:
  explicit LoadGuard(const LoadLimits& limits) : limits_(limits) {}

  // A connection that was accepted. False: it is to be closed, and is not counted.
  bool AddConnection();
  void RemoveConnection() { connections_.fetch_sub(1, std::memory_order_relaxed); }

  // A request, as long as it lives.
  class Turn {
   public:
    // nullptr: there are no limits.
    explicit Turn(LoadGuard* guard);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    // Which limit keeps it from being served, for the log; empty: none.
    std::string_view refused_by() const { return refused_by_; }

   private:
    LoadGuard* const guard_;
    std::string_view refused_by_;
  };

  // Looks how much memory the process takes. Several times a second, by one thread.
  void LookAtMemory();

  size_t requests() const { return requests_.load(std::memory_order_relaxed); }
  size_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }
  uint64_t refused_connections() const { return refused_connections_.load(std::memory_order_relaxed); }

 private:
  const LoadLimits limits_;
  alignas(64) std::atomic<size_t> connections_{0};
  alignas(64) std::atomic<size_t> requests_{0};
  alignas(64) std::atomic<uint64_t> refused_connections_{0};
  std::atomic<size_t> memory_bytes_{0};
  std::atomic<bool> memory_full_{false};
  SteadyTime trimmed_{};  // the thread's that looks
};

// Nine tenths of what this process's container may take: the last tenth is for what was taken on already, and
// for what the kernel counts besides. 0: there is no limit.
size_t MemoryLimitOfContainer();

}  // namespace tollgate::pipeline
