// Blocks of 64 KiB for heads and bodies: large enough that a body costs few system calls, small enough to
// have one per busy connection. One free list a thread; a block must go back on the thread it came from.
#pragma once

#include <cstddef>
#include <memory>

namespace tollgate::io {

inline constexpr size_t kBlockBytes = 64 * 1024;

struct ReturnBlock {
  void operator()(char* block) const;
};
using Block = std::unique_ptr<char[], ReturnBlock>;

Block TakeBlock();

}  // namespace tollgate::io
