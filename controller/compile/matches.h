// A rule's matches in the form that the proxy compares with. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/compile/regexes.h"
#include "controller/resource/gateway_route.h"

namespace tollgate::compile {

struct CompiledMatches {
  std::vector<api::Match> matches;  // at least one
  // Not empty: the matches cannot be relied on.
  std::vector<resource::Mistake> mistakes;
};

// `field` is the rule's own ("spec.rules[0]").
CompiledMatches CompileMatches(const resource::Rule& rule, const std::string& field,
                               const RegexTable& regexes);

}  // namespace tollgate::compile
