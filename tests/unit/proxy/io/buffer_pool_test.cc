#include "proxy/io/buffer_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace tollgate::io {
namespace {

TEST(BufferPool, ReturnedBlockIsTakenAgain) {
  Block first = TakeBlock();
  char* const address = first.get();
  first.reset();
  EXPECT_EQ(TakeBlock().get(), address);
}

TEST(BufferPool, BlocksInUseAreDistinct) {
  std::vector<Block> blocks;
  std::set<char*> addresses;
  for (int i = 0; i < 200; ++i) addresses.insert(blocks.emplace_back(TakeBlock()).get());
  EXPECT_EQ(addresses.size(), 200U);
  for (const Block& block : blocks) std::fill_n(block.get(), kBlockBytes, 'x');
}

}  // namespace
}  // namespace tollgate::io
