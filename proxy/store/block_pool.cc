#include "proxy/store/block_pool.h"

#include <new>

#include "api/base/check.h"

namespace tollgate::store {

void* BlockPool::Take(size_t bytes) {
  TOLLGATE_CHECK(bytes > 0 && bytes <= kLargest);
  const size_t index = ClassOf(bytes);
  SizeClass& blocks = classes_[index];
  if (FreeBlock* const block = blocks.first) {
    blocks.first = block->next;
    --blocks.count;
    return block;
  }
  const size_t size = (index + 1) * kStep;
  held_bytes_ += size;
  return ::operator new(size);
}

void BlockPool::Return(void* block, size_t bytes) {
  const size_t index = ClassOf(bytes);
  SizeClass& blocks = classes_[index];
  const size_t size = (index + 1) * kStep;
  if (blocks.count * size >= kKeptBytes) {
    held_bytes_ -= size;
    ::operator delete(block);
    return;
  }
  blocks.first = new (block) FreeBlock{blocks.first};
  ++blocks.count;
}

void BlockPool::Trim() {
  for (size_t index = 0; index < classes_.size(); ++index) {
    SizeClass& blocks = classes_[index];
    held_bytes_ -= blocks.count * (index + 1) * kStep;
    while (FreeBlock* const block = blocks.first) {
      blocks.first = block->next;
      ::operator delete(block);
    }
    blocks.count = 0;
  }
}

}  // namespace tollgate::store
