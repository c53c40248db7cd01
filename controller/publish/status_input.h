// What status is written from: the compiler's verdicts, the version that they were published as, and what the
// proxies have answered. Plain data; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/compile/condition.h"
#include "controller/publish/proxy_book.h"
#include "controller/store/resource_store.h"

namespace tollgate::publish {

// An object whose status is ours to write.
struct ObjectKey {
  std::string kind;  // "GatewayRoute" or "ApiPlan"
  resource::ObjectName name;

  auto operator<=>(const ObjectKey&) const = default;
};

// metadata.uid by object: tells an object from its successor of the same name, which has no status yet.
using UidTable = std::map<ObjectKey, std::string>;
UidTable UidsOf(const store::ObjectSet& objects);

struct StatusInput {
  // One and the same list for one compile: a new pointer says that there was a new compile.
  std::shared_ptr<const std::vector<compile::ObjectVerdict>> verdicts;
  // Of the same compile's objects. May be null: an object that is replaced by one of the same name so quickly
  // that no compile lies between is then not told apart.
  std::shared_ptr<const UidTable> uids;
  // 32 bytes: the snapshot of this compile, as it was published.
  std::string version;
  // Why it could not be published; empty: it was.
  std::string publish_fault;
  std::vector<ProxyState> proxies;
};

// How many objects there are, by kind and condition type: those for which the condition is True; under
// kAllObjects all of the kind.
using ConditionCounts = std::map<std::pair<std::string, std::string>, uint64_t>;
inline constexpr char kAllObjects[] = "All";

}  // namespace tollgate::publish
