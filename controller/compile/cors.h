// Which pages of other origins may call a route from a browser. Pure; any thread.
#pragma once

#include "api/snapshot.pb.h"
#include "controller/resource/cors.h"

namespace tollgate::compile {

api::Cors CompileCors(const resource::Cors& cors);

}  // namespace tollgate::compile
