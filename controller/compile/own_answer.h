// What a rule answers without an upstream, with its defaults applied. Pure; any thread.
#pragma once

#include "api/snapshot.pb.h"
#include "controller/resource/own_answer.h"

namespace tollgate::compile {

api::Redirect CompileRedirect(const resource::Redirect& redirect);
api::Respond CompileRespond(const resource::Respond& respond);

}  // namespace tollgate::compile
