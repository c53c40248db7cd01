// Where the keys of the in-process limit store go. Seeded: addresses are callers' to choose, and none shall
// choose many that fall together. Pure.
#pragma once

#include <cstdint>

#include "proxy/store/limit_store.h"

namespace tollgate::store {

// Folds the 128 bits of a product, as wyhash does: a few instructions, and unpredictable without the seed.
constexpr uint64_t FoldedProduct(uint64_t a, uint64_t b) {
  __extension__ using Product = unsigned __int128;
  const Product product = static_cast<Product>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// The high bits choose the shard.
constexpr uint64_t OwnerHash(const Key128& key, KeyGroup group, uint64_t seed) {
  constexpr uint64_t kRootOf2 = 0x6a09e667f3bcc909;  // fractions of roots: odd, and without a pattern
  constexpr uint64_t kRootOf3 = 0xbb67ae8584caa73b;
  const uint64_t low = FoldedProduct(key.low ^ seed, kRootOf3);
  return FoldedProduct(low ^ key.high ^ static_cast<uint64_t>(group), kRootOf2 ^ seed);
}

// The low bits choose the bucket. Records are hashes already, and the owner's hash has the seed.
constexpr uint64_t RecordHash(uint64_t owner_hash, uint64_t record) {
  constexpr uint64_t kRootOf5 = 0x3c6ef372fe94f82b;
  return FoldedProduct(owner_hash ^ record, kRootOf5);
}

}  // namespace tollgate::store
