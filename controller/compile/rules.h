// One rule of a GatewayRoute. Whatever is wrong with it stays with it: it answers 500 where it would have
// served, never 404 and never open. Not thread-safe: fills the compilation's upstream table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/compile/conditions.h"
#include "controller/compile/upstreams.h"
#include "controller/resource/gateway_route.h"

namespace tollgate::compile {

struct CompiledRule {
  // Nothing where the matches cannot be relied on: nobody knows then which requests the rule was for.
  std::optional<api::Rule> rule;
  std::vector<resource::Mistake> mistakes;
  std::vector<UnresolvedRef> unresolved;
  std::vector<resource::Mistake> without_endpoints;   // warnings, a serviceRef each
  std::vector<resource::Mistake> too_many_endpoints;  // likewise
};

struct RouteInputs;

// The rule at place `index` of `route`.
CompiledRule CompileRule(const resource::GatewayRoute& route, size_t index, const RouteInputs& inputs,
                         UpstreamTable& upstreams);

}  // namespace tollgate::compile
