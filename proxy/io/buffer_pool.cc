#include "proxy/io/buffer_pool.h"

#include <vector>

namespace tollgate::io {
namespace {

// Kept for the next connection: 4 MiB a thread.
constexpr size_t kKept = 64;

struct Pool {
  std::vector<char*> free;
  Pool() { free.reserve(kKept); }
  ~Pool() {
    for (char* block : free) delete[] block;
  }
};
thread_local Pool pool;

}  // namespace

Block TakeBlock() {
  if (pool.free.empty()) return Block(new char[kBlockBytes]);
  char* const block = pool.free.back();
  pool.free.pop_back();
  return Block(block);
}

void ReturnBlock::operator()(char* block) const {
  if (pool.free.size() < kKept) {
    pool.free.push_back(block);
  } else {
    delete[] block;
  }
}

}  // namespace tollgate::io
