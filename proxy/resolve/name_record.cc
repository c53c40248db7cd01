#include "proxy/resolve/name_record.h"

#include <algorithm>
#include <utility>

namespace tollgate::resolve {

bool NameRecord::Replace(std::vector<std::string> addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  addresses.resize(std::min(addresses.size(), kMostAddresses));
  if (addresses == addresses_) return false;
  addresses_ = std::move(addresses);
  return true;
}

bool NameRecord::Note(const Lookup& lookup, const AddressRules& rules, SteadyTime now) {
  reason_ = lookup.reason;
  if (lookup.outcome == Lookup::Outcome::kFailed) {
    // RFC 8767: better what was true a while ago than nothing.
    standing_ = addresses_.empty() ? Standing::kUnknown : Standing::kStale;
    next_ = now + backoff_.Next();
    return false;
  }
  std::vector<std::string> allowed = lookup.addresses;
  std::erase_if(allowed, [&rules](const std::string& address) { return !rules.Allow(address); });
  if (allowed.size() < lookup.addresses.size() && allowed.empty()) {
    reason_ = "its addresses are of this machine, a link or a private network, which --external-cidrs allows";
  }
  standing_ = allowed.empty() ? Standing::kUnknown : Standing::kFresh;
  if (allowed.empty()) {
    next_ = now + backoff_.Next();
  } else {
    backoff_.Reset();
    const std::chrono::milliseconds ttl = std::clamp(lookup.ttl, kLeastTtl, kMostTtl);
    next_ = now + std::max<std::chrono::milliseconds>(ttl * 4 / 5, kLeastTtl);
  }
  return Replace(std::move(allowed));
}

}  // namespace tollgate::resolve
