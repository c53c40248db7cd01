// What an installation's proxies are told of themselves. Pure; any thread.
#pragma once

#include <optional>

#include "api/snapshot.pb.h"
#include "controller/compile/compiler.h"

namespace tollgate::compile {

// How many proxies there are, by the ready endpoints of their Service. Nothing where that Service is not
// named.
std::optional<api::Settings> CompileSettings(const store::ObjectMap<resource::EndpointSlice>& slices,
                                             const CompilerOptions& options);

}  // namespace tollgate::compile
