// Blocks of 64 KiB for heads and bodies: large enough that a body costs few system calls, small enough to
// have one per busy connection. One free list a thread; a block must go back on the thread it came from.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace tollgate::io {

inline constexpr size_t kBlockBytes = 64 * 1024;

struct ReturnBlock {
  void operator()(char* block) const;
};
using Block = std::unique_ptr<char[], ReturnBlock>;

Block TakeBlock();

// Gives the memory of a part of a block back to the system, in whole pages: what stood there is lost, and
// using it again takes memory anew. For a block that has to be kept while nothing is read into it.
void ReleasePages(std::span<char> part);

}  // namespace tollgate::io
