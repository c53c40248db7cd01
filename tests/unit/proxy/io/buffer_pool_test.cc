#include "proxy/io/buffer_pool.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

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

// How many of its pages are in memory.
size_t Resident(std::span<char> block) {
  std::vector<unsigned char> pages(block.size() / 4096);
  EXPECT_EQ(::mincore(block.data(), block.size(), pages.data()), 0);
  return static_cast<size_t>(
      std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1) != 0; }));
}

TEST(BufferPool, PagesGoBackAndWhatStandsBeforeThemStays) {
  const Block block = TakeBlock();
  const std::span<char> whole(block.get(), kBlockBytes);
  std::fill(whole.begin(), whole.end(), 'x');
  ASSERT_EQ(Resident(whole), 16U);
  ReleasePages(whole.subspan(5000));
  EXPECT_EQ(Resident(whole), 2U);
  EXPECT_EQ(std::count(whole.begin(), whole.begin() + 8192, 'x'), 8192);
  std::fill(whole.begin(), whole.end(), 'y');
  EXPECT_EQ(std::count(whole.begin(), whole.end(), 'y'), static_cast<ptrdiff_t>(kBlockBytes));
}

TEST(BufferPool, LessThanAPageStays) {
  const Block block = TakeBlock();
  std::fill_n(block.get(), kBlockBytes, 'x');
  ReleasePages({block.get() + 1, 4096});
  EXPECT_EQ(Resident({block.get(), kBlockBytes}), 16U);
}

}  // namespace
}  // namespace tollgate::io
