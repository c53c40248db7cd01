// All callers together have to fit into what a proxy takes: one plan with too many must not hold up the
// configuration of everybody. Pure; any thread.
#pragma once

#include "api/snapshot_bounds.h"
#include "controller/compile/consumers.h"

namespace tollgate::compile {

// Three quarters of a snapshot; the rest is left to routes, plans and endpoints.
struct ConsumerBounds {
  size_t consumers = size_t{api::kSnapshotResources} / 4 * 3;
  size_t bytes = api::kSnapshotBytes / 4 * 3;
};

// The table as it is, where it fits. Else the plans with the most bytes lose their callers, the largest
// first, until the others fit: it is the one that grew too large that refuses, and says so.
ConsumerTable KeepWithin(const ConsumerBounds& bounds, ConsumerTable table);

}  // namespace tollgate::compile
