#include "proxy/auth/key_table.h"

#include <algorithm>
#include <cstring>

namespace tollgate::auth {

size_t KeyTable::DigestHash::operator()(const Sha256Digest& digest) const {
  size_t hash;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

KeyTable::KeyTable(const snapshot::Catalog& catalog) {
  for (const snapshot::ConsumerEntry& entry : catalog.consumers()) {
    for (const api::Credential& credential : entry.spec.credentials()) {
      Holder holder{entry.plan, &entry.spec, credential.expires_us(), {}};
      // A digest of another length proves nobody.
      if (credential.digest().size() != holder.digest.size()) continue;
      std::copy(credential.digest().begin(), credential.digest().end(), holder.digest.begin());
      holders_.push_back(holder);
    }
  }
  std::stable_sort(holders_.begin(), holders_.end(),
                   [](const Holder& a, const Holder& b) { return a.digest < b.digest; });
  ranges_.reserve(holders_.size());
  for (uint32_t i = 0; i < holders_.size(); ++i) {
    const auto [range, added] = ranges_.try_emplace(holders_[i].digest, Range{i, i});
    range->second.end = i + 1;
  }
}

std::span<const KeyTable::Holder> KeyTable::Find(const Sha256Digest& digest) const {
  const auto found = ranges_.find(digest);
  if (found == ranges_.end()) return {};
  return std::span(holders_).subspan(found->second.begin, found->second.end - found->second.begin);
}

}  // namespace tollgate::auth
