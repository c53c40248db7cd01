// What an ApiPlan grants and limits, with its defaults applied. Pure; any thread.
#pragma once

#include "api/snapshot.pb.h"
#include "controller/resource/api_plan.h"

namespace tollgate::compile {

// Everything of the plan but `broken`. Where the plan has mistakes, only its name and the places of its keys:
// those must be known even then, because keys are taken out of requests before they go upstream.
api::Plan CompileTerms(const resource::ApiPlan& plan);

}  // namespace tollgate::compile
