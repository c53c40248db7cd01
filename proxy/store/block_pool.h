// Memory in small blocks that come and go with callers: freed ones are kept for the next, up to a bound, so
// that a caller who comes back after each window costs no heap allocation. Guarded by whoever owns it.
#pragma once

#include <array>
#include <cstddef>

namespace tollgate::store {

class BlockPool {
 public:
  static constexpr size_t kStep = 32;
  static constexpr size_t kLargest = 1024;

  BlockPool() = default;
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool() { Trim(); }

  // `bytes` is 1 to kLargest; the same number is given back with the block. Aligned for every scalar.
  void* Take(size_t bytes);
  void Return(void* block, size_t bytes);

  // Gives back to the heap what nobody uses.
  void Trim();

  // Taken from the heap and not given back, in use or not.
  size_t held_bytes() const { return held_bytes_; }

 private:
  // Enough for the callers of one shard who come and go between two requests.
  static constexpr size_t kKeptBytes = 4096;

  struct FreeBlock {
    FreeBlock* next;
  };
  struct SizeClass {
    FreeBlock* first = nullptr;
    size_t count = 0;
  };
  static size_t ClassOf(size_t bytes) { return (bytes - 1) / kStep; }

  std::array<SizeClass, kLargest / kStep> classes_;
  size_t held_bytes_ = 0;
};

}  // namespace tollgate::store
