// One question to an endpoint whether it works. One thread.
#pragma once

#include "proxy/forward/endpoint.h"
#include "proxy/forward/probe_plan.h"
#include "proxy/io/loop.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

// GET over HTTP/1.1, on a connection of its own: whether one can be made is part of the question. The status
// of the answer; 0: there is none in time. All outlive it.
io::Task<int> ProbeOnce(io::Loop& loop, const Endpoint& endpoint, const ProbeTerms& terms,
                        SteadyTime deadline);

}  // namespace tollgate::forward
