// EndpointSlices become the endpoints of one port. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/resource/service.h"

namespace tollgate::compile {

// The endpoints of the slices' ports that are named `port_name` (empty: the unnamed one), sorted by address
// and port, each once. Ready ones are in; one that is shutting down and still serves is in and marked; others
// are not.
api::Upstream CompileEndpoints(const std::vector<const resource::EndpointSlice*>& slices,
                               const std::string& port_name);

}  // namespace tollgate::compile
