// The regular expressions of all routes together: which of them proxies are given. Each different one costs a
// proxy memory, once, however many matches have it; where there are more than it may hold, those of the
// oldest routes stand and the others are told. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "controller/resource/gateway_route.h"
#include "controller/store/resource_store.h"

namespace tollgate::compile {

class RegexTable {
 public:
  // Compiles each one of `routes`, and lets at most so many through.
  RegexTable(const store::ObjectMap<resource::GatewayRoute>& routes, size_t most);

  // What is wrong with one of these, as the end of a sentence; nothing where it may be served.
  std::optional<std::string> FaultOf(const std::string& pattern) const;

 private:
  void Add(const resource::Match& match, size_t most);
  void AddPattern(const std::string& pattern, size_t most);

  std::map<std::string, std::string> faults_;  // by pattern; empty: none
  size_t served_ = 0;
};

}  // namespace tollgate::compile
