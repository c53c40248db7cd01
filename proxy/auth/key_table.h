// Every API key's digest in the snapshot, and whom it proves. Built from a catalog, then immutable; any
// thread may read. Keys themselves are never kept.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/base/digest.h"
#include "proxy/snapshot/catalog.h"

namespace tollgate::auth {

class KeyTable {
 public:
  // One credential line of one consumer.
  struct Holder {
    snapshot::PlanIndex plan;
    const api::Consumer* consumer;
    int64_t expires_us;  // 0: never
    Sha256Digest digest;
  };

  explicit KeyTable(const snapshot::Catalog& catalog);

  // Those who hold this key, on whatever plan; none for a key that nobody has.
  std::span<const Holder> Find(const Sha256Digest& digest) const;

 private:
  struct Range {
    uint32_t begin;
    uint32_t end;
  };
  // A digest is as good as random: its first bytes are its hash.
  struct DigestHash {
    size_t operator()(const Sha256Digest& digest) const;
  };
  // The bucket is found by the digest's hash; what stands there is compared whole, in constant time.
  struct DigestEqual {
    bool operator()(const Sha256Digest& a, const Sha256Digest& b) const {
      return ConstantTimeEqual(AsBytes(a), AsBytes(b));
    }
  };

  std::vector<Holder> holders_;  // sorted by digest
  std::unordered_map<Sha256Digest, Range, DigestHash, DigestEqual> ranges_;
};

}  // namespace tollgate::auth
