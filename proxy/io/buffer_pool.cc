#include "proxy/io/buffer_pool.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>
#include <vector>

namespace tollgate::io {
namespace {

// Kept for the next connection: 16 MiB a thread at most, and as many as its busy connections use. Beyond that
// each costs the allocator's way and the pages' again.
constexpr size_t kKept = 256;

// Blocks begin with a page, so that parts of them can be given back.
constexpr std::align_val_t kPage{4096};

char* NewBlock() { return static_cast<char*>(::operator new[](kBlockBytes, kPage)); }
void DeleteBlock(char* block) { ::operator delete[](block, kPage); }

struct Pool {
  std::vector<char*> free;
  Pool() { free.reserve(kKept); }
  ~Pool() {
    for (char* block : free) DeleteBlock(block);
  }
};
thread_local Pool pool;

}  // namespace

Block TakeBlock() {
  if (pool.free.empty()) return Block(NewBlock());
  char* const block = pool.free.back();
  pool.free.pop_back();
  return Block(block);
}

void ReturnBlock::operator()(char* block) const {
  if (pool.free.size() < kKept) {
    pool.free.push_back(block);
  } else {
    // Before it is the allocator's, who would keep the pages.
    ReleasePages({block, kBlockBytes});
    DeleteBlock(block);
  }
}

void ReleasePages(std::span<char> part) {
  constexpr uintptr_t kMask = static_cast<uintptr_t>(kPage) - 1;
  const uintptr_t from = (reinterpret_cast<uintptr_t>(part.data()) + kMask) & ~kMask;
  const uintptr_t to = reinterpret_cast<uintptr_t>(part.data() + part.size()) & ~kMask;
  if (from < to) (void)::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

}  // namespace tollgate::io
