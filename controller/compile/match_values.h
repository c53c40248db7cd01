// The conditions of a match on headers, query and cookies in the form that the proxy compares with. Pure; any
// thread.
#pragma once

#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/compile/regexes.h"
#include "controller/resource/gateway_route.h"

namespace tollgate::compile {

// Adds them to `compiled`; returns what is wrong with them. `field` is the match's own
// ("spec.rules[0].matches[0]").
std::vector<resource::Mistake> CompileMatchValues(const resource::Match& match, const std::string& field,
                                                  const RegexTable& regexes, api::Match& compiled);

}  // namespace tollgate::compile
