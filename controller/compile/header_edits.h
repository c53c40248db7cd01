// What a rule takes from heads and puts into them, and how it compresses bodies. Pure; any thread.
#pragma once

#include "api/snapshot.pb.h"
#include "controller/resource/gateway_route.h"

namespace tollgate::compile {

void AddHeaderEdits(const resource::Rule& rule, api::Rule& compiled);

}  // namespace tollgate::compile
