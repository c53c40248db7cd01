#include "proxy/limit/price_list.h"

namespace tollgate::limit {

uint64_t CostOf(const api::Quota& quota, std::string_view operation) {
  uint64_t cost = quota.default_cost();
  size_t longest = 0;  // of the prefixes that fit, counted with their '*'
  for (const api::Cost& listed : quota.costs()) {
    const std::string_view name = listed.operation();
    if (name == operation) return listed.credits();
    if (!name.ends_with('*') || !operation.starts_with(name.substr(0, name.size() - 1))) continue;
    if (name.size() <= longest) continue;
    longest = name.size();
    cost = listed.credits();
  }
  return cost;
}

}  // namespace tollgate::limit
