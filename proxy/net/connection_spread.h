// Which core serves a new connection. The kernel spreads them over the cores' listeners by a hash, which
// knows nothing of how long they last: after a while one core may hold far more than another. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::net {

class ConnectionSpread {
 public:
  // A core with fewer passes none on: the hop to another one costs more than they do.
  static constexpr size_t kFewest = 16;

  explicit ConnectionSpread(size_t cores) : cores_(cores) {}

  // The core that serves a connection which the core `acceptor` has accepted: the one with the fewest where
  // that one holds 1.25 times the mean or more. The connection counts as that core's from now on.
  size_t Place(size_t acceptor);
  // One of a core's has ended.
  void Remove(size_t core) { cores_[core].open.fetch_sub(1, std::memory_order_relaxed); }

  size_t open(size_t core) const { return cores_[core].open.load(std::memory_order_relaxed); }
  // How many have been served by another core than the one that accepted them.
  uint64_t moved() const { return moved_.load(std::memory_order_relaxed); }

 private:
  size_t Choose(size_t acceptor) const;

  // Written by its core, nearly always.
  struct alignas(64) Count {
    std::atomic<size_t> open{0};
  };
  std::vector<Count> cores_;
  std::atomic<uint64_t> moved_{0};
};

}  // namespace tollgate::net
