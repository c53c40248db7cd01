// Which rules want copies of their requests sent elsewhere. Built from a catalog, then immutable, but for
// what is counted; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <unordered_map>

#include "proxy/snapshot/catalog.h"

namespace tollgate::forward {

// What became of copies, in the whole process.
struct alignas(64) MirrorTally {
  std::atomic<uint64_t> answered{0};
  std::atomic<uint64_t> failed{0};
  std::atomic<uint64_t> dropped{0};  // there were too many, their bodies were too long, or nobody is there
};

struct Mirror {
  snapshot::UpstreamIndex upstream;
  uint32_t percent;
};

class MirrorTable {
 public:
  // `tally` outlives it.
  MirrorTable(const snapshot::Catalog& catalog, MirrorTally& tally);

  // `rule` is of the catalog; nullptr where it wants none.
  const Mirror* Find(const api::Rule& rule) const;
  MirrorTally& tally() const { return tally_; }

 private:
  MirrorTally& tally_;
  std::unordered_map<const api::Rule*, Mirror> mirrors_;
};

}  // namespace tollgate::forward
