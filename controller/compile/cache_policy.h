// What a rule's cache block means with its defaults applied. Pure; any thread.
#pragma once

#include "api/snapshot.pb.h"
#include "controller/resource/gateway_route.h"

namespace tollgate::compile {

api::Cache CompileCache(const resource::CachePolicy& policy, resource::Access access);

}  // namespace tollgate::compile
