// Which addresses a name may lead to. Whoever may write a route could else have the proxies ask what they
// alone can reach: their own machine, the cloud's metadata, other pods. Any thread.
#pragma once

#include <string>
#include <vector>

#include "api/base/cidr.h"

namespace tollgate::resolve {

struct AddressRules {
  bool outside_alone = false;      // false: every address may be
  std::vector<Cidr> allowed = {};  // may be, nevertheless

  bool Allow(const std::string& literal) const;
};

}  // namespace tollgate::resolve
