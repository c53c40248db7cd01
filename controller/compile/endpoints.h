// EndpointSlices become the endpoints of one port. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/resource/service.h"

namespace tollgate::compile {

struct CompiledEndpoints {
  api::Upstream upstream;
  size_t left_out = 0;          // of those that could serve: more than an upstream may have
  bool has_fqdn_slice = false;  // which is left out: a name is not resolved, as of an ExternalName Service
};

// An upstream is one resource (api::kResourceBytes): with the longest of addresses, these take 1 MiB.
inline constexpr size_t kMostEndpoints = 20'000;

// The endpoints of the slices' ports that are named `port_name` (empty: the unnamed one), sorted by address
// and port, each once. Ready ones are in; one that is shutting down and still serves is in and marked; others
// are not. Of more than kMostEndpoints the first are in.
CompiledEndpoints CompileEndpoints(const std::vector<const resource::EndpointSlice*>& slices,
                                   const std::string& port_name);

}  // namespace tollgate::compile
