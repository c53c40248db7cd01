// Whether the limits of plans hold over all proxies, by what these report of their limits store: the
// condition Enforced. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/publish/proxy_book.h"
#include "controller/publish/status_text.h"

namespace tollgate::publish {

// What is to be said, the worst first where several things are true.
struct Enforcement {
  enum class Finding { kUnreachable, kEvicting, kUnreported, kNotShared, kInProcess, kReached };

  Finding finding = Finding::kUnreported;
  std::vector<std::string> proxies;  // whom it is about, by name; empty: all of them, whoever they are
  std::string why;                   // the first one's own words; may be empty

  bool operator==(const Enforcement&) const = default;
};

// Of those proxies that are connected, which come sorted by name; nothing where none is.
std::optional<Enforcement> JudgeEnforcement(const std::vector<ProxyState>& proxies);

// As it stands in a plan that does this while the store is away.
StatusCondition EnforcedCondition(const Enforcement& enforcement, api::WhenStoreIsDown when_store_is_down,
                                  int64_t generation);

}  // namespace tollgate::publish
