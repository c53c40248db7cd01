#include <array>
#include <new>

#include "proxy/io/task.h"

namespace tollgate::io {
namespace {

// Classes of 128 bytes up to 8 KiB: a connection's frame is 1 to 3 KiB. Larger frames go to the heap.
constexpr size_t kClassBytes = 128;
constexpr size_t kClasses = 64;
// Kept per class and thread, so that a burst's memory goes back: 64 × (128 … 8,192) bytes is 16 MiB at most.
constexpr size_t kKept = 64;

struct FreeList {
  struct Node {
    Node* next;
  };
  Node* head = nullptr;
  size_t length = 0;
};

struct Pool {
  std::array<FreeList, kClasses> lists;
  ~Pool() {
    for (FreeList& list : lists) {
      while (list.head != nullptr) {
        FreeList::Node* node = list.head;
        list.head = node->next;
        ::operator delete(node);
      }
    }
  }
};

thread_local Pool pool;

size_t ClassOf(size_t size) { return (size - 1) / kClassBytes; }

}  // namespace

void* AllocateFrame(size_t size) {
  const size_t size_class = ClassOf(size);
  if (size_class >= kClasses) return ::operator new(size);
  FreeList& list = pool.lists[size_class];
  if (list.head == nullptr) return ::operator new((size_class + 1) * kClassBytes);
  FreeList::Node* node = list.head;
  list.head = node->next;
  --list.length;
  return node;
}

void FreeFrame(void* frame, size_t size) {
  const size_t size_class = ClassOf(size);
  if (size_class < kClasses) {
    FreeList& list = pool.lists[size_class];
    if (list.length < kKept) {
      list.head = new (frame) FreeList::Node{list.head};
      ++list.length;
      return;
    }
  }
  ::operator delete(frame);
}

}  // namespace tollgate::io
