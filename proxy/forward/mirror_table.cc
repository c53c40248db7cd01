#include "proxy/forward/mirror_table.h"

#include <string_view>

namespace tollgate::forward {

MirrorTable::MirrorTable(const snapshot::Catalog& catalog, MirrorTally& tally) : tally_(tally) {
  std::unordered_map<std::string_view, snapshot::UpstreamIndex> upstreams;
  for (snapshot::UpstreamIndex i = 0; i < catalog.upstreams().size(); ++i) {
    upstreams.emplace(catalog.upstreams()[i].name, i);
  }
  for (const snapshot::RuleEntry& rule : catalog.rules()) {
    if (!rule.spec->has_mirror()) continue;
    const auto found = upstreams.find(rule.spec->mirror().target().upstream());
    // Nobody waits for a copy: what the snapshot does not hold gets none.
    if (found == upstreams.end()) continue;
    mirrors_.emplace(rule.spec, Mirror{found->second, rule.spec->mirror().percent()});
  }
}

const Mirror* MirrorTable::Find(const api::Rule& rule) const {
  if (!rule.has_mirror()) return nullptr;
  const auto found = mirrors_.find(&rule);
  return found == mirrors_.end() ? nullptr : &found->second;
}

}  // namespace tollgate::forward
