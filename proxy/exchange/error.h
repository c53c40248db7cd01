// Why the gateway itself answers a request: which problem, what the caller is told, and what only the log
// learns. Plain data; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/base/result.h"
#include "proxy/exchange/problem.h"

namespace tollgate::exchange {

struct Error {
  Problem problem;
  std::string detail;            // for the caller: one sentence
  std::string_view reason = {};  // for the log alone ("expired"); a literal
  std::optional<std::chrono::seconds> retry_after = {};
  std::string allow = {};  // of method-not-allowed: the value of Allow
  // Of rule-broken, for the log and the metrics: which one; slices of the catalog.
  std::string_view route = {};
  std::string_view rule = {};  // empty: the whole object
};

// The same answer wherever nothing is served: callers cannot tell why.
inline Error NoRoute(std::string_view reason = {}) {
  return {.problem = Problem::kNoRoute, .detail = "No route serves this host and path.", .reason = reason};
}

template <class T>
using Outcome = Result<T, Error>;

}  // namespace tollgate::exchange
