// What the stages hand on: each type can only be made by the stage that proves it. Plain data; one thread.
#pragma once

#include <string_view>

#include "proxy/snapshot/catalog.h"

namespace tollgate::exchange {

// The rule that a request matched (made by proxy/route).
struct Routed {
  const snapshot::RouteEntry* route;
  const snapshot::RuleEntry* rule;
  snapshot::RuleIndex rule_index;
  const api::PathMatch* path;  // the match's own; nullptr: every path
};

// Who calls (made by proxy/auth). On a public route there is no plan and no consumer.
struct Identity {
  const snapshot::PlanEntry* plan = nullptr;
  snapshot::PlanIndex plan_index = 0;
  const api::Consumer* consumer = nullptr;

  std::string_view consumer_id() const { return consumer == nullptr ? std::string_view() : consumer->id(); }
};

// A caller who may use this rule's operation (made by proxy/auth). Only this reaches limits, cache, upstream.
struct Permitted {
  Routed routed;
  Identity identity;
};

}  // namespace tollgate::exchange
