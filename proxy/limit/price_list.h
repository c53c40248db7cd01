// What a plan charges for an operation. Pure; used while a snapshot is made ready.
#pragma once

#include <string_view>

#include "api/snapshot.pb.h"

namespace tollgate::limit {

// The cost of the exact name; else of the longest prefix that ends in '*'; else the default.
uint64_t CostOf(const api::Quota& quota, std::string_view operation);

}  // namespace tollgate::limit
