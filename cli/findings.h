// What is amiss in objects that are served as far as they can be: what `kubectl describe` shows on a cluster
// stands in the log here. One thread.
#pragma once

#include <compare>
#include <set>
#include <string>

#include "controller/compile/compiler.h"

namespace tollgate::cli {

struct Finding {
  std::string kind;
  std::string object;  // "namespace/name"
  std::string condition;
  std::string reason;
  std::string message;

  auto operator<=>(const Finding&) const = default;
};

// Every condition that is not as it should be or that warns of what callers will meet, and what is wrong in
// Secrets that no plan takes in, which have no conditions. `compiled` was made of `objects`.
std::set<Finding> FindingsOf(const store::ObjectSet& objects, const compile::Compiled& compiled);

// Tells the log what is new among the findings of each apply, and which of the last ones are gone.
class FindingLog {
 public:
  void Report(std::set<Finding> findings);

 private:
  std::set<Finding> known_;
};

}  // namespace tollgate::cli
