// What path templates, rewrites and values of headers must agree on within one rule. These checks have no CEL
// rule: over 64 rules, 16 matches and 16 targets they cost more than the apiserver allows a rule, so a
// cluster reports them in the route's status. Any thread.
#pragma once

#include "controller/resource/gateway_route.h"

namespace tollgate::resource {

// Notes on `rule` where a template or a rewrite names a variable twice, and where a rewrite uses a variable
// that does not stand in every match; and where the value of a header is no template or does likewise.
// `field` is the rule's: "spec.rules[1]". For rules whose templates are well formed.
void CheckPathVariables(const std::string& field, Rule& rule);

}  // namespace tollgate::resource
